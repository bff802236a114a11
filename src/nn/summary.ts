// The summary table: layers in order of their first use, output shapes, parameters. Runs on zeros; nothing is computed.
import { type Shape, type Tensor, ValueError, isTensor, zeros } from '../tensor/index.ts'
import { entriesOf, isBranch, modulesOf } from './walk.ts'

interface Row {
  readonly path: string
  readonly kind: string
  readonly count: number
  shape: string
}

/** `model` is a copy of the caller's own, in evaluation mode: its modules' `call` is replaced here. */
export function summarize(model: object, input: Shape | Tensor | readonly Tensor[]): string {
  const args = inputs(input)
  const all: Row[] = []
  const called = new Set<Row>()
  const counted = new Set<Tensor>()
  for (const [module, path] of modulesOf(model)) {
    const row: Row = { path: path === '' ? '(model)' : path, kind: module.constructor.name, count: ownParameters(module, counted), shape: '–' }
    all.push(row)
    const original = (module as Callable).call
    const record = function (this: Callable, ...list: unknown[]): unknown {
      called.add(row)
      const out = original.apply(this, list)
      row.shape = shapeText(out)
      return out
    }
    Object.defineProperty(module, 'call', { value: record, enumerable: false, configurable: true })
  }
  ;(model as Callable).call(...args)
  const silent = all.filter((r) => !called.has(r) && r.count > 0)
  const rows = [...called, ...silent].filter((r) => r.path !== '(model)' || r.count > 0 || all.length === 1)
  const entries = entriesOf(model)
  const total = (trained: boolean): number => entries.reduce((n, e) => n + (e.trained === trained ? e.tensor.size : 0), 0)
  const bytes = entries.reduce((n, e) => n + e.tensor.size * BYTES[e.tensor.dtype], 0)
  const extra = total(false) > 0 ? `, ${number(total(false))} in buffers` : ''
  const lines = table([['Layer', 'Type', 'Output shape', 'Parameters'], ...rows.map((r) => [r.path, r.kind, r.shape, number(r.count)])])
  return `${lines.join('\n')}\nTotal: ${number(total(true))} parameters${extra} (${size(bytes)})`
}

const BYTES = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 }

interface Callable {
  call(...args: unknown[]): unknown
}

function inputs(input: Shape | Tensor | readonly Tensor[]): Tensor[] {
  if (isTensor(input)) return [input]
  if (!Array.isArray(input) || !(input.every((v) => typeof v === 'number') || input.every(isTensor))) {
    throw new ValueError('summary', 'no example of the input', { expected: 'a shape with its batch axis, such as [1, 784], or tensors', received: String(input) })
  }
  return input.length > 0 && isTensor(input[0]) ? [...(input as readonly Tensor[])] : [zeros(input as Shape)]
}

/** Parameters held by the module itself, not by modules inside it; what an earlier row counted is not counted again. */
function ownParameters(module: object, counted: Set<Tensor>): number {
  const inner = [...modulesOf(module).values()].filter((p) => p !== '')
  let count = 0
  for (const e of entriesOf(module)) {
    if (!e.trained || counted.has(e.tensor) || inner.some((p) => e.paths[0]!.startsWith(`${p}.`))) continue
    counted.add(e.tensor)
    count += e.tensor.size
  }
  return count
}

function shapeText(out: unknown): string {
  if (isTensor(out)) return `[${out.shape.join(', ')}]`
  if (Array.isArray(out)) return out.map(shapeText).filter(Boolean).join(' ')
  return isBranch(out) ? Object.values(out).map(shapeText).filter(Boolean).join(' ') : ''
}

const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')
const size = (bytes: number): string => (bytes < 1e3 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)

/** Columns aligned: text to the left, the last (numbers) to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)))
  const line = (r: readonly string[]): string => r.map((cell, c) => (c === r.length - 1 ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!))).join('  ')
  const rule = '─'.repeat(widths.reduce((n, w) => n + w + 2, -2))
  return [line(rows[0]!), rule, ...rows.slice(1).map(line), rule]
}
