// `npm run bench` from end to end, without peers: a table, a line of JSON a row, a file.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../bench/report.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))
const bench = (...args: string[]) => spawnSync(process.execPath, [resolve(import.meta.dirname, '../bench/run.mjs'), ...args], { encoding: 'utf8' })

test('one row, as a program reads it', () => {
  const out = join(folder, 'results.json')
  const { status, stdout, stderr } = bench('--only', 'gemm-64,mlp-30', '--seconds', '1', '--rounds', '2', '--peers', 'none', '--device', 'wasm', '--json', '--out', out)
  expect(status, stderr).toBe(0)
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines).toEqual([
    { name: 'gemm-64', unit: 'GFLOP/s', gradus: { wasm: expect.any(Number) }, peers: {}, ratio: { wasm: {} } },
    { name: 'mlp-30', unit: 'ms', gradus: { wasm: expect.any(Number) }, peers: {}, ratio: { wasm: {} } },
  ])
  expect(stderr).toMatch(/^gemm-64 +GFLOP\/s +wasm [\d.]+ \([\d.]+–[\d.]+\)$/m)
  const report = JSON.parse(readFileSync(out, 'utf8')) as Report
  expect(report.machine.cores).toBeGreaterThan(0)
  expect(report.rows[1]!.entries[0]!.cpuMs).toBeGreaterThan(0)
})

test('mistakes are said in a line', () => {
  const { status, stderr } = bench('--only', 'nonsense', '--peers', 'none')
  expect(status).toBe(2)
  expect(stderr.trim()).toMatch(/^bench: no row is called nonsense\./)
})
