// The table of operators: name → handlers by opset. Families stand in files of their own.
import type { Handler, OpTable } from '../call.ts'
import { cast } from './cast.ts'
import { control } from './control.ts'
import { detection } from './detection.ts'
import { elementwise } from './elementwise.ts'
import { gather } from './gather.ts'
import { linear } from './linear.ts'
import { loss } from './loss.ts'
import { normalization } from './normalization.ts'
import { pool } from './pool.ts'
import { quantised } from './quantised.ts'
import { random } from './random.ts'
import { recurrentTable as recurrent } from './recurrent.ts'
import { reduce } from './reduce.ts'
import { resizeTable as resize } from './resize.ts'
import { sequence } from './sequence.ts'
import { shape } from './shape.ts'
import { signal } from './signal.ts'
import { text } from './text.ts'
import { training } from './training.ts'
import { windowTable as windows } from './window.ts'
import { attentionTable as attention } from './attention.ts'

const FAMILIES: readonly OpTable[] = [elementwise, cast, shape, gather, reduce, linear, pool, normalization, resize, recurrent, quantised, control, sequence, signal, random, loss, detection, text, attention, windows]

const DOMAINS = new Map<string, Map<string, OpTable[string]>>([
  ['', new Map(FAMILIES.flatMap((table) => Object.entries(table)))],
  ['ai.onnx.preview.training', new Map(Object.entries(training))],
])

/** The handler of an operator in an opset; null: there is none. */
export function findHandler(domain: string, op: string, opset: number): Handler | null {
  const entry = DOMAINS.get(domain)?.get(op)
  if (entry === undefined) return null
  if (typeof entry === 'function') return entry
  let best: Handler | null = null
  for (const [since, handler] of entry) if (since <= opset) best = handler
  return best
}

/** Names of the operators of a domain. */
export const operatorNames = (domain = ''): string[] => [...(DOMAINS.get(domain)?.keys() ?? [])].sort()
