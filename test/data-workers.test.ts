// Programs with data workers end by themselves: when done, when stopped in the middle, when a file is bad, when killed by Ctrl-C.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import pngjs from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const out = resolve(root, '.cache/data-workers')
const dir = mkdtempSync(join(tmpdir(), 'gradus-data-workers-'))
beforeAll(async () => {
  // the program, the worker and its task as files of their own, as they lie in dist/
  const external = ['koffi', 'pngjs', 'jpeg-js', 'jiti', '@huggingface/tokenizers', '@bufbuild/protobuf', 'csv-parse']
  await build({ outdir: out, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent', external, entryPoints: { program: resolve(root, 'test/support/data-workers.ts'), 'batch-task': resolve(root, 'src/data/workers/batch-task.ts'), worker: resolve(root, 'src/data/workers/worker.js') } })
  for (let i = 0; i < 12; i++) {
    mkdirSync(join(dir, 'good', String(i % 2)), { recursive: true })
    mkdirSync(join(dir, 'bad', String(i % 2)), { recursive: true })
    const bytes = pngjs.PNG.sync.write(new pngjs.PNG({ width: 8, height: 8, fill: true }))
    writeFileSync(join(dir, 'good', String(i % 2), `${i}.png`), bytes)
    writeFileSync(join(dir, 'bad', String(i % 2), `${i}.png`), i === 7 ? bytes.subarray(0, 40) : bytes)
  }
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function run(how: string, folder: string, interrupt?: number): Promise<{ code: number | null; signal: string | null; out: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(out, 'program.js'), how, join(dir, folder)], { cwd: root })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += String(chunk)
      if (interrupt !== undefined && text.includes('ready')) child.kill('SIGINT')
    })
    child.stderr.on('data', (chunk) => (text += String(chunk)))
    child.on('exit', (code, signal) => done({ code, signal, out: text }))
  })
}

test.each(['whole', 'stopped', 'aborted'])('a run that is %s', async (how) => {
  const { code, out: text } = await run(how, 'good')
  expect([code, text]).toEqual([0, { whole: 'batches 4\n', stopped: 'batches 1\n', aborted: 'aborted\n' }[how]])
})
test('a bad file: an error that names it', async () => {
  const { code, out: text } = await run('whole', 'bad')
  expect(code).toBe(1)
  expect(text).toMatch(/FormatError: imageFolder: .*bad\/1\/7\.png: a damaged PNG file/)
})
test('Ctrl-C ends it, threads and all', async () => {
  expect(await run('endless', 'good', 1)).toMatchObject({ code: null, signal: 'SIGINT' })
})
