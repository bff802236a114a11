// Translating with an encoder and a decoder: many sources at once, a beam search for each. All searches ask for their next
// tokens together, so that a step is one run of one compiled program over sources × beams.
import { listOf, objectOf, optionsOf } from '../base/index.ts'
import { type Module, withTensors } from '../nn/index.ts'
import { type Tensor, ValueError, jit, tensor, treeMap } from '../tensor/index.ts'
import { type Beam, beamSearch } from './beam-search.ts'
import { Seq2Seq, type Seq2SeqMemory } from './seq2seq.ts'
import type { Transformer } from './transformer.ts'

export interface TranslateOptions {
  /** The token that every target begins with, and the one that ends it. */
  readonly begin: number
  readonly end: number
  /** Longest target, the end token included. */
  readonly maxLength: number
  /** Sources are filled up to this length; default: that of the longest. */
  readonly sourceLength?: number
  /** Beginnings kept for each source; default 4, 1 is greedy. */
  readonly width?: number
  /** Default 1: the mean of the log-probabilities decides. */
  readonly lengthPenalty?: number
  /** Sources in one run of the network; default 32. Changes the speed, not the result. */
  readonly batch?: number
}
/** Rows of tensors: one row for each beginning. */
type Rows = Seq2SeqMemory | Tensor | { readonly [name: string]: Tensor } | readonly { readonly [name: string]: Tensor }[]
interface Now {
  readonly memory: Rows
  readonly state: Rows
}
type Tensors = Record<string, Tensor>
interface Programs {
  readonly begin: (tensors: Tensors, source: Tensor, lengths: Tensor, rows: Tensor) => Now
  readonly step: (tensors: Tensors, tokens: Tensor, parents: Tensor, now: Now) => { readonly logs: Tensor; readonly state: Rows }
}
const programs = new WeakMap<Module, Programs>()
/** Rows in another order, or several times; what all rows share stays. */
const pick = <T>(tree: T, rows: Tensor): T => treeMap((t) => (t.ndim === 0 ? t : t.take(rows, 0)), tree)

/** Both halves of a model, compiled once. */
function programsOf(model: Seq2Seq | Transformer): Programs {
  let made = programs.get(model)
  if (made === undefined) {
    const ready = (tensors: Tensors): Seq2Seq | Transformer => {
      const copy = withTensors(model, tensors)
      copy.eval()
      return copy
    }
    made = {
      begin: jit((tensors: Tensors, source: Tensor, lengths: Tensor, rows: Tensor): Now => {
        const network = ready(tensors)
        if (network instanceof Seq2Seq) {
          const memory = network.encode(source, { lengths })
          return pick({ memory, state: memory.state }, rows)
        }
        const state = network.start(rows.shape[0]!) as unknown as Rows
        return { memory: pick({ hidden: network.encode(source, { lengths }), lengths }, rows), state }
      }) as Programs['begin'],
      step: jit((tensors: Tensors, tokens: Tensor, parents: Tensor, { memory, state }: Now) => {
        const network = ready(tensors)
        if (network instanceof Seq2Seq) {
          const next = network.next(tokens, pick(state as Tensor, parents), memory as Seq2SeqMemory)
          return { logs: next.logits.logSoftmax(-1), state: next.state }
        }
        const { hidden, lengths } = memory as { hidden: Tensor; lengths: Tensor }
        const caches = pick(state, parents) as unknown as ReturnType<Transformer['start']>
        const logits = network.decode(tokens.unsqueeze(1), hidden, { lengths, caches }) // (R) → (R,1,V)
        return { logs: logits.squeeze(1).logSoftmax(-1), state: caches as unknown as Rows }
      }) as Programs['step'],
    }
    programs.set(model, made)
  }
  return made
}

/**
 * The likeliest targets of every source, best first. Sources are lists of token numbers (at least one each).
 *
 * @throws ValueError for an empty source, or one longer than sourceLength.
 * @example
 * ```ts
 * import { Seq2Seq, translateTokens } from 'gradus/models'
 *
 * const model = new Seq2Seq({ sourceVocabulary: 9, targetVocabulary: 8, width: 8 })
 * const found = await translateTokens(model, [[3, 4, 2]], { begin: 1, end: 2, maxLength: 5, width: 2 })
 * found[0]![0]!.tokens.length <= 5 // → true
 * ```
 */
export async function translateTokens(model: Seq2Seq | Transformer, sources: readonly ArrayLike<number>[], options: TranslateOptions): Promise<Beam[][]> {
  objectOf('translateTokens', 'model', model, 'a Seq2Seq or a Transformer', 'namedParameters')
  for (const source of listOf('translateTokens', 'sources', sources)) listOf('translateTokens', 'source', source, 'a list of tokens')
  optionsOf('translateTokens', options, 'options with begin, end and maxLength')
  const { begin, end, maxLength, width = 4, lengthPenalty = 1, batch = 32 } = options
  const longest = options.sourceLength ?? Math.max(1, ...sources.map((s) => s.length))
  const wrong = sources.findIndex((s) => s.length < 1 || s.length > longest)
  if (wrong !== -1) throw new ValueError('translateTokens', `source ${wrong} does not fit`, { expected: `1 … ${longest} tokens`, received: String(sources[wrong]!.length) })
  const { begin: read, step } = programsOf(model)
  const tensors = model.state()
  const count = Math.min(batch, sources.length)
  const out: Beam[][] = []
  for (let at = 0; at < sources.length; at += count) {
    const group = sources.slice(at, at + count)
    const tokens = new Int32Array(count * longest)
    // rows that no source fills read one token and are never asked
    const lengths = new Int32Array(count).fill(1)
    group.forEach((source, i) => {
      tokens.set(Array.from(source), i * longest)
      lengths[i] = source.length
    })
    const rows = Int32Array.from({ length: count * width }, (_, r) => Math.floor(r / width))
    let now = read(tensors, tensor(tokens, { shape: [count, longest] }), tensor(lengths), tensor(rows))
    out.push(...(await together(group.length, width, async (asked) => {
      const next = new Int32Array(count * width).fill(end)
      const parents = Int32Array.from({ length: count * width }, (_, r) => r)
      for (const { row, token, parent } of asked) {
        next[row] = token
        parents[row] = parent
      }
      const { logs, state } = step(tensors, tensor(next), tensor(parents), now)
      now = { memory: now.memory, state }
      const data = await logs.data()
      const size = data.length / (count * width)
      return (row) => data.subarray(row * size, (row + 1) * size)
    }, { begin, end, maxLength, width, lengthPenalty })))
  }
  return out
}

interface Asked {
  readonly row: number
  readonly token: number
  readonly parent: number
}
interface Waiting {
  readonly asked: readonly Asked[]
  readonly answer: (logs: (row: number) => ArrayLike<number>) => void
  readonly fail: (error: unknown) => void
}
/** Several searches side by side; when all that still run have asked, `run` answers them at once. The state of a beginning is its row. */
async function together(count: number, width: number, run: (asked: readonly Asked[]) => Promise<(row: number) => ArrayLike<number>>, search: Omit<TranslateOptions, 'sourceLength' | 'batch'>): Promise<Beam[][]> {
  let open = count
  let waiting: Waiting[] = []
  const answer = (): void => {
    if (open === 0 || waiting.length < open) return
    const asking = waiting
    waiting = []
    run(asking.flatMap(({ asked }) => asked)).then((logs) => asking.forEach((w) => w.answer(logs)), (error: unknown) => asking.forEach((w) => w.fail(error)))
  }
  const one = async (place: number): Promise<Beam[]> => {
    try {
      return await beamSearch({
        ...search, state: place * width,
        step: (tokens, parents) => new Promise((done, fail) => {
          const asked = tokens.map((token, i) => ({ row: place * width + i, token, parent: parents[i]! }))
          waiting.push({ asked, answer: (logs) => done(asked.map(({ row }) => ({ logs: logs(row), state: row }))), fail })
          answer()
        }),
      })
    } finally {
      open--
      answer()
    }
  }
  return Promise.all(Array.from({ length: count }, (_, place) => one(place)))
}
