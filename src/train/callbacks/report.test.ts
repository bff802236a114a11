// Event files read back with a reader of our own (the format is TensorBoard's), pages without what could hurt.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { afterAll, expect, test } from 'vitest'
import { Dataset } from '../../data/index.ts'
import { Linear, SGD, mse } from '../../nn/index.ts'
import { fit, htmlReport, tensorboard } from '../index.ts'
import { reportPage } from './html-report.ts'
import { record } from './tensorboard.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-report-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])

/** CRC-32C bit by bit, the definition. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) crc = ((crc ^ (byte >> bit)) & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
const masked = (bytes: Uint8Array): number => Number(((BigInt(crc32c(bytes)) >> 15n | BigInt(crc32c(bytes)) << 17n) % 2n ** 32n + 0xa282ead8n) % 2n ** 32n)

interface Seen {
  step: number
  version?: string
  values: Record<string, number>
}
function read(file: Uint8Array): Seen[] {
  const events: Seen[] = []
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true))
    expect(view.getUint32(at + 8, true)).toBe(masked(file.subarray(at, at + 8)))
    const body = file.subarray(at + 12, at + 12 + length)
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(body))
    const seen: Seen = { step: 0, values: {} }
    const reader = new BinaryReader(body)
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag()
      if (field === 2) seen.step = Number(reader.int64())
      else if (field === 3) seen.version = reader.string()
      else if (field === 5) {
        for (const end = reader.uint32() + reader.pos; reader.pos < end; ) {
          reader.tag()
          let [tag, value] = ['', Number.NaN]
          for (const stop = reader.uint32() + reader.pos; reader.pos < stop; ) {
            const [inner] = reader.tag()
            if (inner === 1) tag = reader.string()
            else value = reader.float()
          }
          seen.values[tag] = value
        }
      } else reader.skip(wire)
    }
    events.push(seen)
    at += length + 16
  }
  return events
}

test('the checksum of the standard', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  const framed = record(new TextEncoder().encode('123456789'))
  expect(new DataView(framed.buffer).getUint32(21, true)).toBe(masked(new TextEncoder().encode('123456789')))
})

test('tensorboard: every epoch with its step, losses as they were', async () => {
  const logs = join(folder, 'logs')
  const { epochs } = await fit(new Linear(1, 1), data, { epochs: 3, batchSize: 2, loss: mse, optimizer: new SGD(0.01), validation: data, callbacks: [tensorboard(logs)] })
  const [file] = readdirSync(logs)
  expect(file).toMatch(/^events\.out\.tfevents\.\d+\..+/)
  const events = read(readFileSync(join(logs, file!)))
  expect(events[0]).toEqual({ step: 0, version: 'brain.Event:2', values: {} })
  const ends = events.filter((e) => 'epoch/loss' in e.values)
  expect(ends.map((e) => e.step)).toEqual([2, 4, 6])
  ends.forEach((e, i) => {
    expect(e.values['epoch/loss']).toBe(Math.fround(epochs[i]!.loss))
    expect(e.values['validation/loss']).toBe(Math.fround(epochs[i]!.val_loss!))
    expect(e.values.learning_rate).toBeCloseTo(0.01, 8)
  })
})

test('htmlReport: a page of its own, with curves and the table; nothing is loaded, nothing gets out of its text', async () => {
  const file = join(folder, 'report.html')
  const { epochs } = await fit(new Linear(1, 1), data, { epochs: 4, loss: mse, optimizer: new SGD(0.01), validation: data, callbacks: [htmlReport(file, { title: 'A <line>', sections: () => [{ title: 'Samples', text: '</pre><script>alert(1)</script>' }] })] })
  const page = readFileSync(file, 'utf8')
  expect(page).not.toMatch(/<script|src=|href=|@import|url\(/)
  expect(page).toContain('A &#60;line&#62;')
  expect(page.match(/<polyline/g)).toHaveLength(2)
  expect(page.match(/<circle/g)).toHaveLength(8)
  expect(page.match(/<tr>/g)).toHaveLength(5)
  expect(page).toContain(`<title>epoch 1: ${Number(epochs[0]!.loss.toPrecision(5))}</title>`)
})
test('one epoch, equal values, no number: still a page', () => {
  expect(reportPage([{ epoch: 1, loss: 1, seconds: 1, learningRate: 0.1 }], { title: 't' })).not.toMatch(/NaN/)
  expect(reportPage([{ epoch: 1, loss: Number.NaN, seconds: 1, learningRate: 0.1 }], { title: 't' })).toMatch(/<td>NaN/)
  expect(reportPage([], { title: 't' })).toMatch(/<h1>t/)
})
