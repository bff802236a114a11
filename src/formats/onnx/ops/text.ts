// Strings: normalising, joining, splitting, n-gram counts. All on the host.
import type { Handler, OpTable } from '../call.ts'
import { hostOf, hostValue, int64s, numbersOf, store, stringsOf } from '../value.ts'

const normalise: Handler = (c) => {
  const x = c.array(0)
  const action = c.text('case_change_action', 'NONE')
  const exact = c.flag('is_case_sensitive')
  const stop = new Set((c.texts('stopwords') ?? []).map((w) => (exact ? w : w.toLowerCase())))
  const change = (s: string): string => (action === 'LOWER' ? s.toLowerCase() : action === 'UPPER' ? s.toUpperCase() : s)
  const kept = stringsOf(x).filter((s) => !stop.has(exact ? s : s.toLowerCase())).map(change)
  const list = kept.length === 0 ? [''] : kept
  return hostValue('string', x.shape.length === 2 ? [1, list.length] : [list.length], list)
}
const concat: Handler = (c) => {
  const [a, b] = [c.array(0), c.array(1)]
  const [x, y] = [stringsOf(a), stringsOf(b)]
  if (x.length === 1 || y.length === 1 || x.length === y.length) {
    const n = Math.max(x.length, y.length)
    return hostValue('string', x.length >= y.length ? a.shape : b.shape, Array.from({ length: n }, (_, i) => x[x.length === 1 ? 0 : i]! + y[y.length === 1 ? 0 : i]!))
  }
  throw c.fail('strings of different shapes', { expected: `[${a.shape}]`, received: `[${b.shape}]` })
}
const split: Handler = (c) => {
  const x = c.array(0)
  const mark = c.text('delimiter', '')
  const most = c.has('maxsplit') ? c.int('maxsplit') : Infinity
  const parts = stringsOf(x).map((s) => {
    if (s === '') return []
    const all = mark === '' ? s.trim().split(/\s+/) : s.split(mark)
    if (all.length <= most + 1) return all
    if (mark !== '') return [...all.slice(0, most), all.slice(most).join(mark)]
    let rest = s.trimStart()
    for (let i = 0; i < most; i++) rest = rest.replace(/^\S+\s+/, '')
    return [...all.slice(0, most), rest.trimEnd()]
  })
  const width = Math.max(0, ...parts.map((p) => p.length))
  return [hostValue('string', [...x.shape, width], parts.flatMap((p) => [...p, ...new Array<string>(width - p.length).fill('')])), int64s(parts.map((p) => p.length), x.shape)]
}

/** Counts of n-grams from a list of known ones, with gaps of up to max_skip_count between their words. */
const tfIdf: Handler = (c) => {
  const x = c.array(0)
  const words = c.texts('pool_strings')
  const pool: readonly (string | number)[] = words ?? c.ints('pool_int64s') ?? []
  const starts = c.needInts('ngram_counts')
  const places = c.needInts('ngram_indexes')
  const weights = c.floats('weights')
  const [least, most, skips] = [c.int('min_gram_length'), c.int('max_gram_length'), c.int('max_skip_count')]
  const known = new Map<string, number>()
  let id = 0
  starts.forEach((start, i) => {
    const n = i + 1
    const end = starts[i + 1] ?? pool.length
    for (let at = start; at + n <= end; at += n) {
      if (n >= least && n <= most) known.set(JSON.stringify(pool.slice(at, at + n)), id)
      id++
    }
  })
  const width = Math.max(0, ...places) + 1
  const source: readonly (string | number)[] = x.type === 'string' ? (hostOf(x) as string[]) : numbersOf(x)
  const [rows, length] = x.shape.length === 2 ? [x.shape[0]!, x.shape[1]!] : [1, x.shape[0] ?? 1]
  const out = new Float32Array(c.room(rows * width))
  for (let r = 0; r < rows; r++) {
    const row = source.slice(r * length, (r + 1) * length)
    for (let n = Math.max(1, least); n <= Math.min(most, length); n++) {
      for (let gap = 1; gap <= (n === 1 ? 1 : skips + 1) && (n - 1) * gap < length; gap++) {
        c.room(n * length)
        for (let at = 0; at + (n - 1) * gap < length; at++) {
          const found = known.get(JSON.stringify(Array.from({ length: n }, (_, i) => row[at + i * gap])))
          if (found !== undefined) out[r * width + places[found]!]!++
        }
      }
    }
  }
  const mode = c.text('mode')
  if (mode !== 'TF') {
    const weightAt = new Float32Array(width).fill(1)
    if (weights !== null) places.forEach((p, i) => (weightAt[p] = weights[i]!))
    out.forEach((v, i) => (out[i] = (mode === 'IDF' ? Number(v > 0) : v) * weightAt[i % width]!))
  }
  return store('float32', x.shape.length === 2 ? [rows, width] : [width], out)
}

export const text: OpTable = { StringNormalizer: normalise, StringConcat: concat, StringSplit: split, TfIdfVectorizer: tfIdf }
