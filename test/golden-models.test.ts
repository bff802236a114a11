// Whole models against PyTorch, torchvision and Hugging Face transformers (test/golden/models.json): the same weights under
// their names, the same outputs and gradients; float64 on the reference, float32 on the compiled devices.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as m from '../src/models/index.ts'
import { type Module, withTensors } from '../src/nn/index.ts'
import { type Tensor, realize, tensor, vjp } from '../src/tensor/index.ts'
import { differences } from './support/compare.ts'
import { isCostly, on, probeDevices } from './support/devices.ts'
import { tokensOf, uniformOf, weightOf } from './support/formula.ts'

type Dtype = 'float32' | 'float64'
interface Whole {
  readonly s: number[]
  readonly v: number[]
}
interface Digest {
  readonly s: number[]
  /** Inner product with the formula's vector, norm. */
  readonly d: [number, number]
}
interface Golden {
  readonly kind: keyof typeof KINDS
  readonly options: never
  readonly outputs: readonly Whole[]
  readonly gradients: Readonly<Record<string, Digest>>
  readonly buffers?: Readonly<Record<string, Digest>>
  readonly evaluated?: readonly Whole[]
}
interface Kind {
  readonly make: (options: never) => Module
  readonly names: (options: never) => m.NameTable
  readonly call: (model: never, dtype: Dtype) => readonly Tensor[]
}
const golden = JSON.parse(readFileSync(new URL('golden/models.json', import.meta.url), 'utf8')) as readonly Golden[]

const input = (dtype: Dtype, ...shape: number[]): Tensor => tensor(uniformOf('x', shape.reduce((p, d) => p * d, 1)), { dtype, shape })
const ids = (name: string, shape: number[], count: number): Tensor => tensor(tokensOf(name, shape[0]! * shape[1]!, count), { shape })
const picture = (...shape: number[]) => (model: m.LeNet, dtype: Dtype) => [model.call(input(dtype, ...shape))]
const bert = (model: m.BertForMaskedLM): Tensor[] => [model.call(ids('ids', [2, 6], 13), { lengths: [6, 4], segments: ids('segments', [2, 6], 2) })]
const pair = (model: m.Transformer): Tensor[] => [model.call(ids('source', [2, 5], 9), ids('target', [2, 4], 7), { lengths: [5, 3] })]

const KINDS = {
  LeNet: { make: () => new m.LeNet(), names: () => m.leNetNames, call: picture(2, 1, 28, 28) },
  AlexNet: { make: (o: never) => new m.AlexNet(o).eval(), names: () => m.alexNetNames, call: picture(2, 3, 95, 95) },
  VGG: { make: (o: never) => new m.VGG(o), names: (o: { depth: m.VGGDepth; batchNorm: boolean }) => m.vggNames(o.depth, o), call: picture(2, 3, 32, 64) },
  ResNet: { make: (o: never) => new m.ResNet(o), names: () => m.resnetNames, call: picture(2, 3, 40, 48) },
  ViT: { make: (o: never) => new m.ViT(o), names: () => m.vitNames, call: picture(2, 3, 12, 12) },
  DeepBeliefNetwork: {
    make: (o: never) => new m.DeepBeliefNetwork(o), call: picture(4, 12),
    names: () => ({ source: 'PyTorch', rules: [0, 1].flatMap((i) => [{ ours: `layers.${i}.weight`, theirs: `${2 * i}.weight` }, { ours: `layers.${i}.hiddenBias`, theirs: `${2 * i}.bias` }, { ours: `layers.${i}.visibleBias`, theirs: 'none' }]).concat({ ours: 'out', theirs: '4' }) }),
  },
  RecurrentLanguageModel: {
    make: (o: never) => new m.RecurrentLanguageModel(o), names: () => m.recurrentNames,
    call: (model: m.RecurrentLanguageModel) => {
      const { logits, state } = model.next(ids('ids', [2, 5], 11))
      return 'h' in state ? [logits, state.h, state.c] : [logits, state]
    },
  },
  Seq2Seq: { make: (o: never) => new m.Seq2Seq(o).eval(), names: () => m.seq2seqNames, call: pair },
  Transformer: { make: (o: never) => new m.Transformer(o), names: () => m.transformerNames, call: pair },
  GPT: { make: (o: never) => new m.GPT(o), names: () => m.gpt2Names, call: (model: m.GPT) => [model.call(ids('ids', [2, 6], 13))] },
  Bert: {
    make: (o: never) => new m.Bert(o), names: () => m.bertNames,
    call: (model: m.Bert) => {
      const { hidden, pooled } = model.call(ids('ids', [2, 6], 13), { lengths: [6, 4], segments: ids('segments', [2, 6], 2) })
      return [hidden, pooled]
    },
  },
  BertForMaskedLM: { make: (o: never) => new m.BertForMaskedLM(o), names: () => m.bertMaskedLMNames, call: bert },
  BertForClassification: { make: (o: never) => new m.BertForClassification(o), names: () => m.bertClassificationNames, call: bert },
} as const satisfies Record<string, Kind>

/** What a float sum of this many roundings may differ by, as a share of the largest number. */
const BOUNDS: Record<Dtype, { readonly rtol: number; readonly share: number }> = { float32: { rtol: 2e-4, share: 2e-5 }, float64: { rtol: 1e-7, share: 1e-9 } }
const largest = (values: readonly number[]): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
async function expectWhole(got: Tensor, want: Whole, dtype: Dtype): Promise<void> {
  expect(got.shape).toEqual(want.s)
  const { rtol, share } = BOUNDS[dtype]
  expect(differences(await got.data(), want.v, { rtol, atol: share * largest(want.v) })).toBeNull()
}
async function expectDigest(name: string, got: Tensor, want: Digest, dtype: Dtype): Promise<void> {
  const values = Array.from(await got.data())
  const along = uniformOf(`~${name}`, values.length)
  const product = values.reduce((s, v, i) => s + v * along[i]!, 0)
  const norm = Math.sqrt(values.reduce((s, v) => s + v * v, 0))
  const { rtol, share } = BOUNDS[dtype]
  expect(differences([product, norm], want.d, { rtol, atol: share * Math.max(1, want.d[1]) }), name).toBeNull()
}

async function check(run: Golden, dtype: Dtype): Promise<void> {
  const kind: Kind = KINDS[run.kind]
  const model = kind.make(run.options)
  const table = kind.names(run.options)
  const given = (list: Readonly<Record<string, Digest>>): Record<string, Tensor> => Object.fromEntries(Object.entries(list).map(([name, { s }]) => [name, tensor(weightOf(name, s), { dtype, shape: s })]))
  const buffers = given(run.buffers ?? {})
  const own = new Set(model.namedBuffers().map(([path, t]) => (t.dtype === 'int32' ? path : '')))
  const built = (params: Record<string, Tensor>): Module => {
    const places = m.foreignNames(model, table)
    const zero = tensor([0], { dtype })
    const missing = Object.fromEntries(Object.entries(places).filter(([path, p]) => own.has(path) || p.name === 'none').map(([, p]) => [p.name, zero]))
    const ours = m.fromForeign(model, table, { ...params, ...buffers, ...missing })
    return withTensors(model, Object.fromEntries(Object.entries(ours).filter(([path]) => places[path]!.name in params || `${table.prefix ?? ''}${places[path]!.name}` in params || places[path]!.name in buffers)))
  }
  let after: Module | null = null
  const names = Object.keys(run.gradients)
  const params = given(run.gradients)
  const [outs, pullback] = vjp((...list: Tensor[]) => {
    after = built(Object.fromEntries(names.map((name, i) => [name, list[i]!])))
    return kind.call(after as never, dtype)
  }, ...names.map((name) => params[name]!))
  const grads = pullback(outs.map((o, i) => tensor(uniformOf(`cotangent ${i}`, o.size), { dtype, shape: o.shape })))
  const moved = run.buffers === undefined ? {} : m.foreignNames(after!, table)
  const state = (after! as Module).state()
  const running = Object.keys(run.buffers ?? {}).map((name) => state[Object.keys(moved).find((path) => moved[path]!.name === name)!]!.stopGradient())
  realize(outs, grads, running)
  expect(outs.length).toBe(run.outputs.length)
  for (const [i, o] of run.outputs.entries()) await expectWhole(outs[i]!, o, dtype)
  for (const [i, name] of names.entries()) await expectDigest(name, grads[i]!, run.gradients[name]!, dtype)
  for (const [i, [name, want]] of Object.entries(run.buffers ?? {}).entries()) await expectDigest(name, running[i]!, want, dtype)
  if (run.evaluated !== undefined) {
    const results = kind.call(built(params).eval() as never, dtype)
    for (const [i, o] of run.evaluated.entries()) await expectWhole(results[i]!, o, dtype)
  }
}

test('every kind of model has a run', () => {
  expect([...new Set(golden.map((g) => g.kind))].sort()).toEqual(Object.keys(KINDS).sort())
})
describe.each((await probeDevices()).filter(({ name }) => !isCostly(name)))('$name', ({ name: device, missing }) => {
  // a step of a whole model takes seconds to compile: the compiled devices get one run of each kind
  const runs = device === 'reference' ? golden : golden.filter((run, i) => golden.findIndex(({ kind }) => kind === run.kind) === i)
  test.skipIf(missing !== null).each(runs)('$kind $options', async (run) => {
    await on(device, () => check(run, device === 'reference' ? 'float64' : 'float32'))
  }, 60_000)
})
