// Values and gradients of every node by the engine: against plain numbers, central differences and the chain rule itself.
import { expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { passes } from './compute.ts'
import { EXAMPLES, type State, differenceAt, differenceOf, form, graphOf, initial, parse, plainNodes, repaired, troubleOf, valueAt } from './model.ts'
import { gradientCheck, nodeCheck, valueCheck, variableCheck } from './proofs.ts'

const FORMULAS = [...EXAMPLES, 'sqrt(abs(x)) - ln(y^2 + 1)', 'relu(x - 2*y) + softplus(w) / (1 + b^2)', 'exp(-x*x) * cos(y) ^ 3', '2^x + x^y', '7'] as const

test.each(FORMULAS)('%s: every node', async (formula) => {
  const s: State = { ...initial, formula, x: 1.3, y: 0.7, w: -0.4, b: 2 }
  const nodes = graphOf(parse(formula))
  const { values, gradients, local } = await passes(s)
  expect(values).toEqual(plainNodes(s).map((v) => expect.closeTo(v, 10)))
  expect(values.at(-1)).toBeCloseTo(valueAt(s), 10)
  await caught(valueCheck(s), values.at(-1)!, 'f')
  for (const [i, { op, name, inputs }] of nodes.entries()) {
    // a written power has a slope where its base is above 0
    const base = nodes.find((user) => user.op === 'pow' && user.inputs[1] === i && op === 'number')?.inputs[0]
    if (base !== undefined && values[base]! <= 0) {
      expect(gradients[i]).toBeNaN()
      continue
    }
    expect(gradients[i], `∂f/∂(${name})`).toBeCloseTo(differenceAt(s, i), 6)
    // the proofs pass them and refuse what is a little off
    const little = Math.max(1e-6, 1e-3 * Math.abs(gradients[i]!))
    await caught(gradientCheck(s, i), gradients[i]!, `∂f/∂(${name})`, little)
    if (op === 'variable') await caught(variableCheck(s, name as 'x'), gradients[i]!, `∂f/∂${name}`, little)
    await caught(nodeCheck(s, i), values[i]!, name)
    if (op === 'variable') expect(gradients[i]).toBeCloseTo(differenceOf(s, name as 'x'), 6)
    // what comes back from every user of a node, times its local slope
    const back = nodes.flatMap((user) => user.inputs.flatMap((k, place) => (k === i ? [gradients[user.id]! * local[user.id]![place]!] : [])))
    if (i < nodes.length - 1) expect(gradients[i]).toBeCloseTo(back.reduce((a, b) => a + b, 0), 10)
    expect(local[i]!.length).toBe(inputs.length)
  }
})
test('equal variables are one node, in the order of computation; what is nudged is seen by all after it', () => {
  const nodes = graphOf(parse('x^2 + x*x'))
  expect(nodes.map(({ op }) => op)).toEqual(['variable', 'number', 'pow', 'mul', 'add'])
  expect(plainNodes({ ...initial, formula: 'x^2 + x*x', x: 2 }, { at: 0, by: 1 })).toEqual([3, 2, 9, 9, 18])
})

test.each([
  ['ln(x - 1)', { x: 1 }, 'nan', 'ln'],
  ['ln(x - 1) * sqrt(-y)', { x: 0, y: 2 }, 'nan', 'ln'],
  ['x / (y - y)', {}, 'nan', '÷'],
  ['sqrt(x - 1)', { x: 1 }, 'steep', 'x'],
  ['(sigmoid(w*x + b) - y)^2', { w: 5, x: 5 }, 'flat', 'σ'],
  ['tanh(w*x)', { w: -5, x: 2 }, 'flat', 'tanh'],
  ['relu(w*x + b) + y', { w: 1, x: 1, b: -3 }, 'dead', 'relu'],
] as const)('%s: what goes wrong is named with its node, and mended by one click', async (formula, part, kind, name) => {
  const s: State = { ...initial, formula, ...part }
  const { values, gradients } = await passes(s)
  const trouble = troubleOf(s, values, gradients)!
  expect([trouble.kind, graphOf(parse(formula))[trouble.at]!.name]).toEqual([kind, name])
  const mended = form(repaired(s))
  const after = await passes(mended)
  expect(troubleOf(mended, after.values, after.gradients), JSON.stringify(mended)).toBeNull()
})
test('the examples have no trouble where they begin', async () => {
  for (const formula of EXAMPLES) {
    const s = { ...initial, formula }
    const { values, gradients } = await passes(s)
    expect(troubleOf(s, values, gradients), formula).toBeNull()
  }
})
