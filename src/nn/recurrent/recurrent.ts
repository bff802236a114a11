// What RNN, LSTM and GRU share: layers on top of each other, one or two directions, sequences of different lengths. Each
// layer and direction is one `scan`: traced once, whatever the length.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, arange, concat, scan, stack, where, zeros } from '../../tensor/index.ts'
import { affine } from '../affine.ts'
import { lengthsOf, requireRange, requireShape, requireSize } from '../checks.ts'
import { fanInUniform } from '../init.ts'
import { dropout } from '../layers/index.ts'
import { Module } from '../module.ts'
import type { CellStep, CellWeights } from './cells.ts'

export interface RecurrentOptions {
  /** Layers on top of each other; default 1. */
  readonly layers?: number
  /** A second cell reads every layer's input backwards; outputs stand side by side. Default false. */
  readonly bidirectional?: boolean
  /** Default true. */
  readonly bias?: boolean
  /** Share of the signals between layers dropped while training; default 0. */
  readonly dropout?: number
}
/** One layer: its forward cell and, if bidirectional, its backward one. */
export interface Direction {
  readonly forward: CellWeights
  readonly backward: CellWeights | null
}
/** Numbers of valid steps of every sequence in a batch, 1 … T: what PyTorch packs sequences for. */
export type Lengths = Tensor | readonly number[]

export abstract class Recurrent extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly dropout: number
  layers: Direction[]

  constructor(name: string, gates: number, inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super()
    const { layers = 1, bidirectional = false, bias = true, dropout: drop = 0 } = optionsOf(name, options)
    requireSize(name, 'inputSize', inputSize)
    requireSize(name, 'hiddenSize', hiddenSize)
    requireSize(name, 'layers', layers)
    requireRange(name, 'dropout', drop, 0, 1)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.dropout = drop
    const start = (...shape: number[]): Tensor => fanInUniform(shape, hiddenSize)
    const cell = (inputs: number): CellWeights => ({
      weightIh: start(gates * hiddenSize, inputs), weightHh: start(gates * hiddenSize, hiddenSize),
      biasIh: bias ? start(gates * hiddenSize) : null, biasHh: bias ? start(gates * hiddenSize) : null,
    })
    const width = hiddenSize * (bidirectional ? 2 : 1)
    this.layers = Array.from({ length: layers }, (_, i) => {
      const inputs = i === 0 ? inputSize : width
      return { forward: cell(inputs), backward: bidirectional ? cell(inputs) : null }
    })
  }

  /** (B, T, I) and the state's tensors (layers·directions, B, H) → outputs (B, T, directions·H) and the last state. */
  protected run(name: string, step: CellStep, x: Tensor, start: readonly (Tensor | undefined)[], lengths: Lengths | undefined): { output: Tensor; state: Tensor[] } {
    requireShape(name, x, () => x.ndim === 3 && x.shape[2] === this.inputSize && x.shape[1]! > 0, `[B, T, ${this.inputSize}], T ≥ 1`)
    const [B, T] = x.shape as [number, number]
    const cells = this.layers.flatMap((l) => (l.backward === null ? [l.forward] : [l.forward, l.backward]))
    const shape = [cells.length, B, this.hiddenSize]
    for (const s of start) if (s !== undefined) requireShape(name, s, () => s.shape.join() === shape.join(), `a state of [${shape}] (layers·directions, B, H)`)
    const first = start.map((s) => s ?? zeros(shape, cells[0]!.weightHh.dtype))
    const live = lengths === undefined ? null : arange(T).reshape(T, 1, 1).lt(lengthsOf(name, 'lengths', lengths, [1, T], B).reshape(1, B, 1)) // (T,B,1)
    const last: Tensor[][] = []
    let y = x.transpose(0, 1) // (B,T,I) → (T,B,I)
    for (const [i, { forward, backward }] of this.layers.entries()) {
      if (i > 0 && this.training && this.dropout > 0) y = dropout(y, this.dropout)
      const outs = (backward === null ? [forward] : [forward, backward]).map((weights, d) => {
        const at = last.length
        const through = direction(step, y, first.map((s) => s.at(at)), weights, { live, reverse: d === 1 })
        last.push(through.state)
        return through.output
      })
      y = outs.length === 1 ? outs[0]! : concat(outs, 2) // (T,B,H) → (T,B,2H)
    }
    return { output: y.transpose(0, 1), state: start.map((_, k) => stack(last.map((s) => s[k]!))) }
  }
}

interface Way {
  /** (T, B, 1): whether a step belongs to its sequence. */
  readonly live: Tensor | null
  readonly reverse: boolean
}
/** One layer in one direction: (T, B, I) → (T, B, H). Beyond a sequence's end the state stays and the output is 0. */
function direction(step: CellStep, x: Tensor, start: readonly Tensor[], weights: CellWeights, { live, reverse }: Way): { output: Tensor; state: Tensor[] } {
  const gates = affine(x, weights.weightIh, weights.biasIh) // (T,B,I) → (T,B,G·H)
  const advance = (state: readonly Tensor[], now: Tensor, on: Tensor | null): [Tensor[], Tensor] => {
    const next = step(now, state, weights)
    if (on === null) return [next, next[0]!]
    return [next.map((s, k) => where(on, s, state[k]!)), where(on, next[0]!, 0)]
  }
  if (x.shape[0] === 1) {
    const [state, output] = advance(start, gates.at(0), live === null ? null : live.at(0))
    return { output: output.unsqueeze(0), state }
  }
  const [state, output] = live === null
    ? scan((carry: Tensor[], now: Tensor) => advance(carry, now, null), [...start], gates, { reverse })
    : scan((carry: Tensor[], { now, on }: { now: Tensor; on: Tensor }) => advance(carry, now, on), [...start], { now: gates, on: live }, { reverse })
  return { output, state }
}
