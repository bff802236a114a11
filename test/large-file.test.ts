// 200 MB of examples are trained on in a process that grows by far less than that (the files have holes: the disk holds little).
import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { writeIdx } from '../src/data/index.ts'
import { writeNpy } from '../src/formats/index.ts'

const root = resolve(import.meta.dirname, '..')
const WIDTH = 16384
const ROWS = 1536 // of 64 KiB: 96 MiB a file

test('an idx and an npy file of 96 MiB each stream through fit with bounded memory', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gradus-large-'))
  try {
    const bundle = resolve(root, '.cache/large-file.mjs')
    await build({ entryPoints: [resolve(root, 'test/support/large-file.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', external: ['koffi', 'pngjs', 'jpeg-js', '@huggingface/tokenizers', '@bufbuild/protobuf'], logLevel: 'silent' })
    const enlarged = (name: string, start: Uint8Array): string => {
      const file = join(dir, name)
      writeFileSync(file, start)
      const handle = openSync(file, 'r+')
      ftruncateSync(handle, start.length + ROWS * WIDTH * 4)
      closeSync(handle)
      return file
    }
    // headers of arrays with rows, without the rows
    const none = { dtype: 'float32', shape: [0, WIDTH], data: new Float32Array(0) } as const
    const idx = writeIdx(none)
    new DataView(idx.buffer).setUint32(4, ROWS)
    const npy = Uint8Array.from(Buffer.from(Buffer.from(writeNpy(none)).toString('latin1').replace(`(0, ${WIDTH}), }   `, `(${ROWS}, ${WIDTH}), }`), 'latin1'))
    const { stdout, stderr, status } = spawnSync(process.execPath, [bundle, [enlarged('a.idx', idx), enlarged('b.npy', npy)].join(','), String(WIDTH), String(2 * ROWS)], { encoding: 'utf8', cwd: root })
    expect(status, stderr).toBe(0)
    const { rows, steps, grown, later } = JSON.parse(stdout) as { rows: number; steps: number; grown: number; later: number }
    expect(steps).toBe((2 * ROWS) / 64)
    expect(rows).toBeLessThan(2 * ROWS + 100) // the first is looked at before, through the buffer
    expect(grown).toBeGreaterThan(5)
    // the young generation of newer engines alone grows by 100 MB; whoever kept the rows would grow by 100 in the second half
    expect(grown).toBeLessThan(190)
    expect(later).toBeLessThan(50)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}, 120_000)
