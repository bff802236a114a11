// docs/op-matrix.md names every op on every device, has no failing cell, and no blank without a reason.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { wholeTable } from '../src/ir/index.ts'
import { deviceNames } from '../src/tensor/index.ts'

const text = readFileSync(new URL('../docs/op-matrix.md', import.meta.url), 'utf8')
const [, ...sections] = text.split(/^## /m)
const section = (name: string): string => sections.find((s) => s.startsWith(`${name}\n`)) ?? ''
const reasons = [...section('Reasons').matchAll(/^(\d+)\. .+$/gm)].map((m) => Number(m[1]))

test.each(deviceNames().filter((name) => name !== 'webgpu' || section(name) !== ''))('%s', (device) => {
  const rows = [...section(device).matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map((m) => ({ op: m[1]!, cells: m[2]!.split(' | ') }))
  expect(rows.map((r) => r.op).sort(), 'run node scripts/op-matrix.mjs').toEqual(Object.keys(wholeTable()).sort())
  const columns = section(device).match(/^\| op \| (.*) \|$/m)![1]!.split(' | ')
  expect(columns).toEqual(expect.arrayContaining(['value', 'grad', 'grad²', 'vmap', 'jit']))
  for (const { op, cells } of rows) {
    expect(cells.length, op).toBe(columns.length)
    for (const [i, cell] of cells.entries()) {
      const reason = /^– \((\d+)\)$/.exec(cell)
      expect(/^✓ [1-9]\d*$/.test(cell) || (reason !== null && reasons.includes(Number(reason[1]))), `${op}, ${columns[i]}: ${cell}`).toBe(true)
    }
  }
})
