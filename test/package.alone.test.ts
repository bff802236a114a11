// The package as users get it: packed, installed into an empty project, imported, required, compiled, run.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
let project: string

/** Runs a program in the project; its output, or an error that shows it. */
function run(program: string, args: string[], cwd = project): string {
  const windows = process.platform === 'win32'
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', shell: windows })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} → ${status ?? error}\n${stdout}\n${stderr}`)
  return stdout
}

const node = (kind: 'module' | 'commonjs', code: string) => run(process.execPath, [`--input-type=${kind}`, '-e', code]).trim()

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'gradus-package-'))
  // A type error is for `npm run check` to tell.
  run(process.execPath, [join(root, 'scripts/build.mjs'), '--library', '--lenient'], root)
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], root)
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))
  writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true }\n')
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', `./${tarball}`])
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('every entry point imports, and exports something', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }
  const entries = Object.keys(exports).filter((key) => key !== './package.json')
  for (const entry of entries) {
    const name = join('gradus', entry)
    const count = Number(node('module', `console.log(Object.keys(await import('${name}')).length)`))
    expect(count, name).toBeGreaterThan(0)
  }
})

test('a computation runs from an ES module', () => {
  const code = `import { tensor } from 'gradus'; console.log(await tensor([1, 2, 3]).mul(2).sum().item()); process.exit()`
  expect(node('module', code)).toBe('12')
})

test('Node loads the files put together, and these find their neighbours', () => {
  expect(node('module', "console.log(import.meta.resolve('gradus'))")).toMatch(/dist\/node\/index\.js$/)
  const folder = join(project, 'node_modules/gradus/dist/node')
  const parts = readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(folder, name), 'utf8'))
  // new URL('./worker.js', new URL('../runtime/wasm/pool.js', import.meta.url).href)
  const workers = parts.flatMap((text) => [...text.matchAll(/new URL\("(\.\/[^"]+)", new URL\("([^"]+)", import\.meta\.url\)\.href\)/g)]).map(([, file, from]) => resolve(folder, from!, '..', file!))
  expect(workers.length).toBeGreaterThanOrEqual(2)
  expect(workers.filter((file) => !existsSync(file))).toEqual([])
})

test('CommonJS requires it', () => {
  const code = `const { tensor } = require('gradus'); tensor([1, 2, 3]).mul(2).sum().item().then((x) => { console.log(x); process.exit() })`
  expect(node('commonjs', code)).toBe('12')
})

test('a process that computed something ends by itself', () => {
  const code = `import { tensor } from 'gradus'; console.log(await tensor([1, 2]).sum().item())`
  expect(node('module', code)).toBe('3')
})

test.each(['nodenext', 'bundler'])('a strict TypeScript project compiles against it (%s)', (resolution) => {
  const example = `
    import { grad, jit, type Tensor, tensor } from 'gradus'
    import { Adam, crossEntropy, Linear, Module, relu } from 'gradus/nn'
    class Net extends Module {
      hidden = new Linear(784, 128)
      out = new Linear(128, 10)
      forward(x: Tensor): Tensor { return this.out.call(relu(this.hidden.call(x))) }
    }
    const slope: Tensor = grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3]))
    const twice = jit((x: Tensor) => x.mul(2))
    export const all: Promise<number> = twice(slope).sum().item()
    export const parts = { net: new Net(), optimizer: new Adam(1e-3), crossEntropy }`
  mkdirSync(join(project, resolution), { recursive: true })
  writeFileSync(join(project, resolution, 'example.ts'), example)
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    target: 'es2022',
    lib: ['es2023', 'dom', 'esnext.disposable'],
    module: resolution === 'bundler' ? 'preserve' : resolution,
    moduleResolution: resolution,
  }
  writeFileSync(join(project, resolution, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  writeFileSync(join(project, resolution, 'package.json'), '{ "type": "module" }')
  expect(run(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', resolution])).toBe('')
})

test('npx gradus --help names the commands', () => {
  const help = run('npx', ['--no-install', 'gradus', '--help'])
  expect(help).toMatch(/train/)
})

test('the package holds what it needs and nothing else', () => {
  const installed = join(project, 'node_modules/gradus')
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.test\.|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(name))).toEqual([])
  const broken = files.filter((name) => /\.(js|d\.ts)$/.test(name) && /from ['"]\.[^'"]*\.ts['"]/.test(readFileSync(join(installed, name), 'utf8')))
  expect(broken).toEqual([])
})
