// Writing with a language model: token after token, each drawn from what the model expects next.
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
  const { temperature = 1, topK, topP } = options
  checkSampling(options)
  const possible = Array.from(logits, (_, i) => i).filter((i) => logits[i]! > Number.NEGATIVE_INFINITY)
  if (possible.length === 0) throw new ValueError('chooseToken', 'no token is possible: the logits are NaN or −∞', { remedy: 'The model has diverged; train it again with a lower learning rate.' })
  if (temperature === 0) return possible.reduce((best, i) => (logits[i]! > logits[best]! ? i : best))
  const order = possible.sort((a, b) => logits[b]! - logits[a]! || a - b)
  const kept = topK === undefined ? order : order.slice(0, topK)
  const top = logits[kept[0]!]!
  const weights = kept.map((i) => Math.exp((logits[i]! - top) / temperature))
  let total = weights.reduce((a, b) => a + b, 0)
  if (topP !== undefined) {
    let sum = 0
    const count = weights.findIndex((w) => (sum += w) >= topP * total) + 1
    if (count > 0) weights.length = count
    total = weights.reduce((a, b) => a + b, 0)
  }
  let left = random() * total
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!
    if (left < 0) return kept[i]!
  }
  return kept[weights.length - 1]!
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

type Step = (tensors: Record<string, Tensor>, token: Tensor, state: unknown) => { logits: Tensor; state: unknown }
const steps = new WeakMap<Module, Step>()

/** One token through a model, compiled once. */
function stepOf<S>(model: Autoregressive<S>): Step {
  let step = steps.get(model)
  if (step === undefined) {
    step = jit((tensors: Record<string, Tensor>, token: Tensor, state: unknown) => {
      const copy = withTensors(model, tensors)
      copy.eval()
      const { logits, state: after } = copy.next(token, state as S)
      return { logits: logits.reshape(-1), state: after }
    }) as Step
    steps.set(model, step)
  }
  return step
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
  const step = stepOf(model)
  const tensors = model.state()
  let said = Array.from(prompt).slice(-Math.max(1, context - 1))
  let state: unknown = model.start(1)
  let logits: Tensor | null = null
  const read = (token: number): void => void ({ logits, state } = step(tensors, tensor(Int32Array.of(token), { shape: [1, 1] }), state))
  for (const token of said) read(token)
  for (;;) {
    const token = chooseToken(await logits!.data(), random, sampling)
    yield token
    said.push(token)
    if (said.length > context) {
      // full: begin again with the latter half
      said = said.slice(-Math.max(1, Math.floor(context / 2)))
      state = model.start(1)
      for (const again of said) read(again)
    } else read(token)
  }
}
