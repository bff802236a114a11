// Writing with a language model: token after token, each drawn from what the model expects next.
import { listOf, optionsOf } from '../base/index.ts'
import { type Module, withTensors } from '../nn/index.ts'
import { type Tensor, ValueError, jit, tensor } from '../tensor/index.ts'

/** A model that reads tokens one after another: a recurrent network, or a transformer with a cache of the past. */
export interface Autoregressive<S = never> extends Module {
  /** The state before anything was read. */
  start(batch?: number): S
  /** The next tokens (B, T): logits (B, T, vocabulary) of the one after each, and the new state. */
  next(tokens: Tensor, state: S): { logits: Tensor; state: S }
}

export interface SamplingOptions {
  /** Divides the logits: below 1 more certain, above 1 more daring; 0 takes the likeliest. Default 1. */
  readonly temperature?: number
  /** Only the so many likeliest tokens (Fan et al. 2018). */
  readonly topK?: number
  /** Only the likeliest tokens whose probabilities reach this sum (Holtzman et al. 2019). */
  readonly topP?: number
}

/**
 * Draws a token from logits.
 *
 * @param random uniform in [0, 1).
 * @throws ValueError for options out of range, and for logits that are all NaN or −∞.
 * @example
 * ```ts
 * import { chooseToken } from 'gradus/models'
 *
 * chooseToken([0.1, 3, 2], Math.random, { temperature: 0 }) // → 1
 * ```
 */
export function chooseToken(logits: ArrayLike<number>, random: () => number, options: SamplingOptions = {}): number {
  listOf('chooseToken', 'scores', logits)
  optionsOf('chooseToken', options)
  const { temperature = 1, topK, topP } = options
  checkSampling(options)
  let best = -1
  for (let i = 0; i < logits.length; i++) if (logits[i]! > (best < 0 ? Number.NEGATIVE_INFINITY : logits[best]!)) best = i
  if (best < 0) throw new ValueError('chooseToken', 'no token is possible: the logits are NaN or −∞', { remedy: 'The model has diverged; train it again with a lower learning rate.' })
  if (temperature === 0) return best
  const top = logits[best]!
  const weightOf = (z: number): number => (z > Number.NEGATIVE_INFINITY ? Math.exp((z - top) / temperature) : 0) // NaN: 0
  const { least, ties } = topK === undefined && topP === undefined ? { least: Number.NEGATIVE_INFINITY, ties: 0 } : threshold(logits, weightOf, topK, topP)
  const weights = new Float64Array(logits.length)
  let [total, spare, last] = [0, ties, best]
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!
    if (z > least || (z === least && spare-- > 0)) total += weights[i] = weightOf(z)
  }
  let left = random() * total
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue
    left -= weights[i]!
    if (left < 0) return i
    last = i
  }
  return last // rounding: the last that is possible
}

/** The logit of the last token that topK and topP leave, and how many of those that have it are left. */
function threshold(logits: ArrayLike<number>, weightOf: (z: number) => number, topK: number | undefined, topP: number | undefined): { readonly least: number; readonly ties: number } {
  const order = Float64Array.from(logits).filter((z) => z > Number.NEGATIVE_INFINITY).sort().reverse()
  let count = Math.min(topK ?? order.length, order.length)
  if (topP !== undefined) {
    let total = 0
    for (let i = 0; i < count; i++) total += weightOf(order[i]!)
    let sum = 0
    for (let i = 0; i < count; i++) {
      if ((sum += weightOf(order[i]!)) < topP * total) continue
      count = i + 1
    }
  }
  const least = order[count - 1]!
  return { least, ties: count - order.indexOf(least) }
}

function checkSampling({ temperature = 1, topK, topP }: SamplingOptions): void {
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY)) throw new ValueError('chooseToken', 'bad temperature', { expected: 'a number from 0', received: String(temperature) })
  if (topK !== undefined && !(Number.isSafeInteger(topK) && topK >= 1)) throw new ValueError('chooseToken', 'bad topK', { expected: 'a whole number from 1', received: String(topK) })
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw new ValueError('chooseToken', 'bad topP', { expected: 'a number above 0, up to 1', received: String(topP) })
}

export interface GenerateOptions extends SamplingOptions {
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number
  /** The longest sequence the model can hold. When it is full the model reads the latter half again and goes on. */
  readonly context?: number
}

type Tensors = Record<string, Tensor>
interface Steps {
  /** One token: logits of the next. The state is overwritten. */
  readonly next: (tensors: Tensors, token: Tensor, state: unknown) => { logits: Tensor; state: unknown }
  /** Many tokens: what comes out of them is not asked for. The state is overwritten. */
  readonly read: (tensors: Tensors, tokens: Tensor, state: unknown) => unknown
  /** A copy of a state, which may be overwritten: a model may begin with tensors of its own. */
  readonly own: (state: unknown) => unknown
}
const steps = new WeakMap<Module, Steps>()
/** Tokens read at once. */
const PIECE = 64

/** The programs of a model, compiled once. */
function stepsOf<S>(model: Autoregressive<S>): Steps {
  const known = steps.get(model)
  if (known !== undefined) return known
  const through = (tensors: Tensors, tokens: Tensor, state: unknown): { logits: Tensor; state: unknown } => {
    const copy = withTensors(model, tensors)
    copy.eval()
    return copy.next(tokens, state as S)
  }
  const made = {
    next: jit((tensors: Tensors, token: Tensor, state: unknown) => {
      const { logits, state: after } = through(tensors, token, state)
      return { logits: logits.reshape(-1), state: after }
    }, { donate: [2] }),
    read: jit((tensors: Tensors, tokens: Tensor, state: unknown) => through(tensors, tokens, state).state, { donate: [2] }),
    own: jit((state: unknown) => state),
  } as Steps
  steps.set(model, made)
  return made
}

/**
 * Goes on after a prompt (at least one token), without end.
 *
 * @throws ValueError for an empty prompt.
 * @example
 * ```ts
 * import { generateTokens, RecurrentLanguageModel } from 'gradus/models'
 *
 * const model = new RecurrentLanguageModel({ vocabulary: 5, kind: 'gru', width: 8, layers: 1 })
 * const tokens: number[] = []
 * for await (const token of generateTokens(model, [0, 1])) if (tokens.push(token) === 10) break
 * tokens.length // → 10
 * ```
 */
export async function* generateTokens<S>(model: Autoregressive<S>, prompt: ArrayLike<number>, options: GenerateOptions = {}): AsyncGenerator<number, never, undefined> {
  const { random = Math.random, context = Number.POSITIVE_INFINITY, ...sampling } = options
  checkSampling(sampling)
  if (prompt.length === 0) throw new ValueError('generateTokens', 'the prompt is empty', { expected: 'at least one token' })
  const { next, read, own } = stepsOf(model)
  const tensors = model.state()
  const row = (tokens: readonly number[]): Tensor => tensor(Int32Array.from(tokens), { shape: [1, tokens.length] })
  let said = Array.from(prompt).slice(-Math.max(1, context - 1))
  let state: unknown
  let logits: Tensor
  const say = (token: number): void => void ({ logits, state } = next(tensors, row([token]), state))
  const begin = (): void => {
    state = own(model.start(1))
    const pieces = Math.floor((said.length - 1) / PIECE)
    for (let i = 0; i < pieces; i++) state = read(tensors, row(said.slice(i * PIECE, (i + 1) * PIECE)), state)
    for (const token of said.slice(pieces * PIECE)) say(token)
  }
  begin()
  for (;;) {
    const token = chooseToken(await logits!.data(), random, sampling)
    yield token
    said.push(token)
    if (said.length > context) {
      // full: begin again with the latter half
      said = said.slice(-Math.max(1, Math.floor(context / 2)))
      begin()
    } else say(token)
  }
}
