// @ts-check
// Everything a machine with a graphics card is asked, in one go: `node scripts/card.mjs [--minutes 8] [--rows NAMES] [--only
// parts,bench,suite,profile] [--tiny] [--out FOLDER]` runs kernels of every kind against the reference, the bench's rows for
// cards beside PyTorch CUDA, then the suites of every device; where the time goes (profile) when it is asked for. It packs what it needs into a folder first; `--pack FOLDER` stops
// there, with Node, vitest and the tests in it, for a machine that has neither the repository nor npm: carry FOLDER.tar.xz
// there (some 40 MiB) and start FOLDER/run.sh, with the same options.
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { gpuEnvironment } from './gpu.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { pack: { type: 'string' }, minutes: { type: 'string', default: '8' }, tiny: { type: 'boolean', default: false }, out: { type: 'string' }, rows: { type: 'string' }, only: { type: 'string' } } })
const folder = values.pack === undefined ? join(root, 'bench/.cache/card') : resolve(values.pack)

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20', outExtension: { '.js': '.mjs' }, logLevel: 'error',
  external: ['koffi', 'webgpu', 'esbuild', '@jax-js/*', '@tensorflow/*', 'onnxruntime-node'],
  alias: { gradus: join(root, 'src/index.ts'), ...Object.fromEntries(['nn', 'models'].map((room) => [`gradus/${room}`, join(root, `src/${room}/index.ts`)])) },
}
rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'bench/peers'), { recursive: true })
await build({ ...shared, entryPoints: ['main', 'contender'].map((name) => join(root, `bench/${name}.ts`)), outdir: join(folder, 'bench/.cache') })
await build({ ...shared, entryPoints: ['parts', 'profile'].map((name) => join(root, `scripts/card-${name}.ts`)), outdir: folder })
copyFileSync(join(root, 'bench/peers/torch_worker.py'), join(folder, 'bench/peers/torch_worker.py'))
copyFileSync(join(root, 'scripts/card-run.mjs'), join(folder, 'run.mjs'))
const dawn = join(root, 'test/gpu/node_modules/webgpu')
if (values.pack !== undefined) {
  if (!existsSync(dawn)) throw new Error('Dawn is not here: node scripts/gpu.mjs installs it')
  const mine = `${process.platform}-${process.arch}`
  cpSync(dawn, join(folder, 'node_modules/webgpu'), { recursive: true, filter: (path) => !/(darwin|linux|win32)-/.test(path) || path.includes(mine) })
  packTests(mine)
  copyFileSync(process.execPath, join(folder, 'node'))
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\ncd "$(dirname "$0")" && GRADUS_WEBGPU="$PWD" exec ./node run.mjs "$@"\n')
  for (const file of ['node', 'run.sh']) chmodSync(join(folder, file), 0o755)
  const archive = `${folder}.tar.xz`
  const { status } = spawnSync('tar', ['--use-compress-program=xz -6 -T0', '-cf', archive, '-C', dirname(folder), basename(folder)], { stdio: 'inherit' })
  console.log(`packed: ${folder}/run.sh${status === 0 ? `, and all of it in ${archive} (${(statSync(archive).size / 2 ** 20).toFixed(0)} MiB)` : ''}`)
} else {
  const chosen = Object.entries({ rows: values.rows, only: values.only }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
  const args = ['--minutes', values.minutes, '--tree', root, ...chosen, ...(values.tiny ? ['--tiny'] : []), ...(values.out === undefined ? [] : ['--out', resolve(values.out)])]
  process.exitCode = spawnSync(process.execPath, [join(folder, 'run.mjs'), ...args], { stdio: 'inherit', env: { ...process.env, ...gpuEnvironment() } }).status ?? 1
}

/** The sources, the tests and what they import, without types, maps and what only builds use. @param {string} mine */
function packTests(mine) {
  for (const part of ['src', 'test', 'scripts', 'docs/op-matrix.md', 'package.json', 'vitest.card.config.ts']) {
    cpSync(join(root, part), join(folder, 'tree', part), { recursive: true, filter: (path) => !path.includes('node_modules') })
  }
  const left = ['esbuild', 'lightningcss', 'koffi', 'playwright-core']
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const waiting = [...Object.keys(dependencies), 'vitest', 'fast-check']
  const seen = new Set(waiting)
  for (const name of waiting) {
    const from = join(root, 'node_modules', name)
    if (!existsSync(from)) continue
    cpSync(from, join(folder, 'node_modules', name), { recursive: true, filter: (path) => !/\.(d\.[cm]?ts|map|md)$/.test(path) })
    const its = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
    // a library for this machine comes under its name
    const optional = Object.keys(its.optionalDependencies ?? {}).filter((other) => other.includes(mine) && !other.includes('musl'))
    for (const other of [...Object.keys(its.dependencies ?? {}), ...optional]) {
      if (!seen.has(other) && !left.some((l) => other.startsWith(l))) waiting.push(other)
      seen.add(other)
    }
  }
}
