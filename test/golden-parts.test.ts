// The layers, losses and functions added after the first set, against PyTorch (test/golden/parts.json), on every device.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/nn/index.ts'
import type { Tensor } from '../src/tensor/index.ts'
import { isCostly, on, probeDevices, spread } from './support/devices.ts'
import { type GoldenCase, runGolden } from './support/golden.ts'
import type { CALLS } from './support/golden-calls.ts'

type Options = Record<string, never>
const golden = JSON.parse(readFileSync(new URL('golden/parts.json', import.meta.url), 'utf8')) as readonly GoldenCase[]

/** A layer on given tensors: those of its parameters in order of fields. */
function onTensors(layer: nn.Layer, [x, ...values]: readonly Tensor[]): Tensor[] {
  const paths = layer.namedParameters().map(([p]) => p)
  return [nn.withTensors(layer, Object.fromEntries(paths.map((p, i) => [p, values[i]!]))).call(x!)]
}
type Call = (ts: Tensor[], args: never) => Tensor[]

const TABLE: Record<string, Call> = {
  ConvTranspose: (ts, [rank, channels, out, options]: [number, number, number, never]) => onTensors(new [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d][rank - 1]!(channels, out, options), ts),
  DepthwiseConv2d: (ts, [channels, options]: [number, never]) => onTensors(new nn.DepthwiseConv2d(channels, options), ts),
  SeparableConv2d: (ts, [channels, out, options]: [number, number, never]) => onTensors(new nn.SeparableConv2d(channels, out, options), ts),
  GroupNorm: (ts, [groups, channels, options]: [number, number, Options]) => onTensors(new nn.GroupNorm(groups, channels, options), ts),
  InstanceNorm: (ts, [rank, channels, options]: [number, number, Options]) => onTensors(new [nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d][rank - 1]!(channels, options), ts),
  RMSNorm: (ts, [shape, options]: [number, Options]) => onTensors(new nn.RMSNorm(shape, options), ts),
  BatchNorm3d: (ts, [training]: [boolean]) => onTensors(new nn.BatchNorm3d(2).train(training), ts),
  AdaptivePool: (ts, [kind, rank, size]: ['Avg' | 'Max', 1 | 2 | 3, number]) => onTensors(new nn[`Adaptive${kind}Pool${rank}d`](size), ts),
  Pool3d: (ts, [kind, size, options]: ['Avg' | 'Max', number, Options]) => onTensors(new nn[`${kind}Pool3d`](size, options), ts),
  interpolate: (ts, [options]: [never]) => [nn.interpolate(ts[0]!, options)],
  Residual: (ts, [wide]: [boolean]) =>
    onTensors(wide ? new nn.Residual(new nn.Linear(4, 5, { bias: false }), { shortcut: new nn.Linear(4, 5, { bias: false }), activation: nn.relu }) : new nn.Residual(new nn.Linear(4, 4, { bias: false })), ts),
}

/** A recurrent layer: [x, …initial state, …weights] → [outputs, …last state]. */
const recurrent = (kind: 'RNN' | 'LSTM' | 'GRU'): Call => (ts, [inputs, hidden, options, lengths, states]: [number, number, Options, number[] | null, number]) => {
  const layer = new nn[kind](inputs, hidden, options)
  const values = ts.slice(1 + states)
  const on = nn.withTensors(layer as nn.GRU, Object.fromEntries(layer.namedParameters().map(([p], i) => [p, values[i]!])))
  const start = kind === 'LSTM' ? { h: ts[1]!, c: ts[2]! } : ts[1]!
  const { output, state } = on.call(ts[0]!, { ...(states > 0 ? { state: start as Tensor } : {}), ...(lengths === null ? {} : { lengths }) })
  return kind === 'LSTM' ? [output, (state as unknown as nn.LSTMState).h, (state as unknown as nn.LSTMState).c] : [output, state]
}
const LOOPS = new Set(['RNN', 'LSTM', 'GRU'])
Object.assign(TABLE, { RNN: recurrent('RNN'), LSTM: recurrent('LSTM'), GRU: recurrent('GRU') })

const byFunction = new Map<string, GoldenCase[]>()
for (const c of golden) byFunction.set(c.fn, [...(byFunction.get(c.fn) ?? []), c])

test('every function has samples, and every sample a function', () => {
  expect([...byFunction.keys()].sort()).toEqual(Object.keys(TABLE).sort())
})

describe.each(probeDevices())('$name', ({ name: device, missing }) => {
  test.skipIf(missing !== null).each([...byFunction])('%s', async (fn, list) => {
    // loops take about a second to compile: the compiled devices get a few of them, the reference all
    const cases = isCostly(device) ? spread(list, 4) : device !== 'reference' && LOOPS.has(fn) ? spread(list, 2) : list
    expect(await on(device, () => runGolden(cases, { together: isCostly(device), calls: TABLE as unknown as typeof CALLS }))).toEqual([])
  })
})
