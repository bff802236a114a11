// gradus onnx info|check|conformance: what is said about models.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { check, conformance, info } from './onnx.ts'

const golden = fileURLToPath(new URL('../../../test/golden/onnx', import.meta.url))
async function said(command: () => number | Promise<number>, code = 0): Promise<string> {
  const lines: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    expect(await command()).toBe(code)
  } finally {
    spy.mockRestore()
  }
  return lines.join('')
}

test('conformance DIR --json: every model of a folder, in one line of JSON', async () => {
  const answer = JSON.parse(await said(() => conformance(golden, { device: 'reference', json: true }))) as { pass: number; shape: number; fail: number; results: { name: string; status: string; plain: boolean; reason: string | null }[] }
  expect([answer.pass + answer.shape, answer.fail, answer.results.length]).toEqual([22, 0, 22])
  expect(answer.results.map((r) => r.name)).toContain('test_lstm_with_peepholes')
  expect(answer.results.every((r) => ['pass', 'shape'].includes(r.status) && r.reason === null)).toBe(true)
})
test('info --json', async () => {
  const about = JSON.parse(await said(() => info(`${golden}/test_loop11/model.onnx`, { json: true }))) as { opsets: object; operators: Record<string, number>; inputs: { name: string; type: string }[] }
  expect(about.opsets).toEqual({ 'ai.onnx': 11 })
  expect(about.operators.Loop).toBe(1)
  expect(about.inputs.map((i) => i.type)).toEqual(['int64', 'bool', 'float32'])
})
test('check: sizes the model leaves open are tried until one fits', async () => {
  // one AveragePool: a window of 9 numbers over x [1, 1, ?]
  const file = join(mkdtempSync(join(tmpdir(), 'gradus-check-')), 'm.onnx')
  writeFileSync(file, Buffer.from('CAg6ago3CgF4EgF5Gg1BdmVyYWdlUG9vbF8wIgtBdmVyYWdlUG9vbCoTCgxrZXJuZWxfc2hhcGVACaABBxIBZ1oVCgF4EhAKDggBEgoKAggBCgIIAQoAYhUKAXkSEAoOCAESCgoCCAEKAggBCgBCAhAR', 'base64'))
  expect(await said(() => check(file, { device: 'reference' }))).toMatch(/^sizes: 16 wherever the model leaves them open\nreads: 1 nodes.*\nruns: y → .*8/)
  rmSync(dirname(file), { recursive: true })
})
test('check', async () => {
  expect(await said(() => check(`${golden}/test_if/model.onnx`, { device: 'reference' }))).not.toBe('')
})
