// Every network of src/models in a small configuration, as it is exported to ONNX: what goes in, at any batch size.
import * as m from '../../src/models/index.ts'
import { GRU, LSTM, Module, RNN } from '../../src/nn/index.ts'
import { type Tensor, manualSeed, tensor } from '../../src/tensor/index.ts'
import { tokensOf, uniformOf, weightOf } from '../support/formula.ts'
import type { OnnxExportOptions } from '../../src/formats/index.ts'

export interface ExportCase {
  readonly name: string
  readonly f: Module | ((...args: never[]) => unknown)
  /** Arguments for a batch. */
  readonly args: (batch: number) => readonly unknown[]
  readonly options?: OnnxExportOptions
  /** Exporting is for this batch only. */
  readonly fixed?: number
}

const input = (...shape: number[]): Tensor => tensor(uniformOf('x', shape.reduce((p, d) => p * d, 1)), { shape, dtype: 'float32' })
const ids = (name: string, batch: number, length: number, count: number): Tensor => tensor(tokensOf(name, batch * length, count), { shape: [batch, length] })
const lengths = (batch: number, longest: number): Tensor => tensor(Int32Array.from({ length: batch }, (_, i) => longest - (i % 3)))
const picture = (...shape: number[]) => (batch: number): Tensor[] => [input(batch, ...shape)]

/** The model with weights by formula: none is 0 or 1 as it might begin. */
function filled<M extends Module>(model: M): M {
  const state = Object.entries(model.state()).filter(([, t]) => t.dtype === 'float32')
  return model.loadState(Object.fromEntries(state.map(([name, { shape }]) => [name, tensor(weightOf(`${name}${/orm.*weight$|Var$/.test(name) ? '.running_var' : ''}`, shape), { dtype: 'float32', shape })])), { strict: false })
}

export function exportCases(): ExportCase[] {
  return cases().map((c) => ({ ...c, f: c.f instanceof Module ? filled(c.f) : c.f }))
}
function cases(): ExportCase[] {
  manualSeed(6)
  const bert = { vocabulary: 13, context: 8, width: 8, layers: 2, heads: 2, hidden: 12 }
  const pair = { sourceVocabulary: 9, targetVocabulary: 7, width: 8 }
  const whole = (batch: number): unknown[] => [ids('ids', batch, 6, 13), { segments: ids('segments', batch, 6, 2), lengths: lengths(batch, 6) }]
  const both = (batch: number): unknown[] => [ids('source', batch, 5, 9), ids('target', batch, 4, 7), { lengths: lengths(batch, 5) }]
  const rows = picture(5, 4)
  return [
    { name: 'LeNet', f: new m.LeNet(), args: picture(1, 28, 28) },
    { name: 'AlexNet', f: new m.AlexNet({ classes: 5, widths: [4, 6, 8, 6, 5], hidden: 12 }), args: picture(3, 95, 95) },
    { name: 'VGG', f: new m.VGG({ depth: 11, classes: 3, widths: [4, 4, 6, 6, 8], hidden: 10 }), args: picture(3, 32, 64) },
    { name: 'VGG, batch norm', f: new m.VGG({ depth: 13, classes: 3, widths: [4, 4, 6, 6, 8], hidden: 10, batchNorm: true }), args: picture(3, 32, 32) },
    { name: 'ResNet', f: new m.ResNet({ blocks: [2, 1, 1, 1], widths: [4, 6, 8, 10], classes: 3 }), args: picture(3, 40, 48) },
    { name: 'ResNet, bottleneck', f: new m.ResNet({ blocks: [1, 2, 1, 1], widths: [4, 4, 6, 8], bottleneck: true, classes: 3 }), args: picture(3, 40, 48) },
    { name: 'Cnn', f: new m.Cnn({ width: 4 }), args: picture(1, 28, 28) },
    { name: 'SwiftResNet', f: new m.SwiftResNet({ whitening: input(24, 3, 2, 2), widths: [24, 24, 24], classes: 3 }), args: picture(3, 32, 32) },
    { name: 'Mlp', f: new m.Mlp({ inputs: 12, hidden: [8, 6], classes: 3 }), args: picture(12) },
    { name: 'DeepBeliefNetwork', f: new m.DeepBeliefNetwork({ inputs: 12, hidden: [8, 6], classes: 3 }), args: picture(12) },
    { name: 'LectureNetwork', f: new m.LectureNetwork([12, 5, 3]), args: picture(12) },
    { name: 'Approximator', f: new m.Approximator(9), args: picture(1) },
    { name: 'the 4-2-1 network', f: (x: Tensor) => m.applyNetwork(m.fourTwoOne(), x), args: (batch) => [input(batch, 4).ge(0).to('float32')] },
    { name: 'ViT', f: new m.ViT({ imageSize: 12, patchSize: 4, layers: 2, heads: 2, width: 8, hidden: 12, classes: 3 }), args: picture(3, 12, 12) },
    ...(['rnn', 'lstm', 'gru'] as const).map((kind): ExportCase => {
      const model = new m.RecurrentLanguageModel({ kind, vocabulary: 11, embedding: 6, width: 6, layers: 2 })
      return { name: `RecurrentLanguageModel, ${kind}`, f: model, args: (batch) => [ids('ids', batch, 5, 11)] }
    }),
    { name: 'RecurrentLanguageModel, states in and out', f: stepOf(filled(new m.RecurrentLanguageModel({ kind: 'lstm', vocabulary: 11, embedding: 6, width: 6, layers: 2 }))), args: (batch) => [ids('ids', batch, 1, 11), { h: input(2, batch, 6), c: input(2, batch, 6).mul(0.5) }], options: { batch: { input_0: 0, input_1_h: 1, input_1_c: 1 } } },
    { name: 'bidirectional RNN', f: new RNN(4, 3, { bidirectional: true }), args: rows },
    { name: 'bidirectional LSTM', f: new LSTM(4, 3, { layers: 2, bidirectional: true }), args: rows },
    { name: 'GRU with lengths', f: new GRU(4, 3, { bidirectional: true }), args: (batch) => [input(batch, 5, 4), { lengths: lengths(batch, 5) }] },
    { name: 'Seq2Seq', f: new m.Seq2Seq({ ...pair, width: 6 }), args: both },
    { name: 'Transformer', f: new m.Transformer({ ...pair, heads: 2, layers: 2, hidden: 12, context: 8 }), args: both },
    { name: 'Transformer, norm first', f: new m.Transformer({ ...pair, heads: 2, layers: 2, hidden: 12, context: 8, normFirst: true }), args: both },
    { name: 'GPT', f: new m.GPT({ vocabulary: 13, context: 8, width: 8, layers: 2, heads: 2 }), args: (batch) => [ids('ids', batch, 6, 13)] },
    { name: 'Bert', f: new m.Bert(bert), args: whole },
    { name: 'BertForMaskedLM', f: new m.BertForMaskedLM(bert), args: whole },
    { name: 'BertForClassification', f: new m.BertForClassification({ ...bert, classes: 3 }), args: whole },
  ]
}
const stepOf = (model: m.RecurrentLanguageModel) => (tokens: Tensor, state: m.RecurrentState): unknown => model.eval().next(tokens, state)

/** What the case's function gives, in evaluation. */
export const callOf = ({ f }: ExportCase, args: readonly unknown[]): unknown => (f instanceof Module ? f.eval().call(...(args as Parameters<Module['forward']>)) : f(...(args as never[])))
