// State of the lab: an expression in x, y, w, b and the values of the variables, or a network and its input; how far the passes
// have come.
import { type Binary, type Expression, type Unary, evaluate, parseExpression, plain } from '../../core/expression.ts'
import { random } from '../../core/random.ts'
import { type Form, type Formed, integer, list, narrowed, number, oneOf, record, text } from '../../core/shape.ts'

export const NAMES = ['x', 'y', 'w', 'b'] as const
export type Name = (typeof NAMES)[number]
const value = number(-5, 5)
export const NETWORKS = ['xor', 'signals', 'lenet'] as const
/** The small networks, layer by layer: rows[k] are the weights into neuron k. */
export type Chain = readonly { readonly name: string; readonly rows: readonly (readonly number[])[]; readonly bias: readonly number[]; readonly phi: 'tanh' | 'sigmoid' }[]
export const CHAINS: Readonly<Record<'xor' | 'signals', Chain>> = {
  xor: [{ name: 'hidden', rows: [[2, 2], [-2, -2]], bias: [-1, 3], phi: 'tanh' }, { name: 'out', rows: [[1.5, 1.5]], bias: [-1.2], phi: 'sigmoid' }],
  signals: [{ name: 'hidden', rows: [[1, 1, 0, 0], [0, 0, 1, 1]], bias: [-1.5, -1.5], phi: 'sigmoid' }, { name: 'out', rows: [[1, 1]], bias: [-0.5], phi: 'sigmoid' }],
}
/** An input of n even numbers in [0, 1). */
export const drawn = (seed: number, n: number): readonly number[] => {
  const next = random(seed)
  return Array.from({ length: n }, next)
}
/** A network of one's own goes into the state, and so into links, up to so many bytes; larger ones stay in the page. */
export const OWN_BYTES = 60_000
const own = record({ file: text(200), size: integer(0, 400e6), bytes: text(Math.ceil(OWN_BYTES / 3) * 4) })
export type Own = Formed<typeof own>
const ownForm: Form<Own | null> = (given, path) => (given === null ? null : own(given, path))
const fields = record({
  formula: text(200), x: value, y: value, w: value, b: value, step: integer(0, 20_000),
  mode: oneOf('formula', 'network'), network: oneOf(...NETWORKS, 'own'), own: ownForm,
  /** What the input is drawn from; numbers of one's own where there are few. */
  seed: integer(1, 9999), input: list(number(-10, 10), 0, 8),
  /** f: an output, or the loss −ln p of it. */
  goal: oneOf('output', 'loss'), output: integer(0, 9999),
})
export type State = Formed<typeof fields>
const NETWORK = { mode: 'formula', network: 'xor', own: null, seed: 7, input: [], goal: 'output', output: 0 } as const
/** Links made before there were networks have none. */
export const form: Form<State> = narrowed(fields, (given, path = '') => fields(typeof given === 'object' && given !== null ? { ...NETWORK, ...given } : given, path))
export const EXAMPLES = ['(sigmoid(w*x + b) - y)^2', 'x*y + sin(x)', 'tanh(w*x + b)', 'ln(exp(x) + exp(y))', 'x^2 + x*x'] as const
export const initial: State = { formula: EXAMPLES[0], x: 1, y: 1, w: 0.5, b: -1, step: 0, ...NETWORK }
/** For a link that would be too long: without the network's bytes. */
export const light = (s: State): State => (s.own === null ? s : { ...s, own: { ...s.own, bytes: '' } })
export const withOwn = (s: State, { own: given }: { readonly own: Own }): State => ({ ...s, mode: 'network', network: 'own', own: given, step: 0, output: 0, input: [] })
export const parse = (formula: string): Expression => parseExpression(formula, NAMES)

export interface GraphNode {
  readonly id: number
  readonly op: 'number' | 'variable' | Unary | Binary
  readonly name: string
  /** A number written in the formula. */
  readonly value: number | null
  readonly inputs: readonly number[]
}
/** The nodes in the order of computation; equal variables are one node. */
export function graphOf(e: Expression): readonly GraphNode[] {
  const nodes: GraphNode[] = []
  const variables = new Map<string, number>()
  const SIGNS: Readonly<Record<string, string>> = { add: '+', sub: '−', mul: '×', div: '÷', pow: '^', neg: '−', sigmoid: 'σ', log: 'ln' }
  const put = (op: GraphNode['op'], inputs: readonly number[], name: string, constant: number | null = null): number => {
    nodes.push({ id: nodes.length, op, name, value: constant, inputs })
    return nodes.length - 1
  }
  const visit = (x: Expression): number => {
    if (x.op === 'number') return put('number', [], String(x.value), x.value)
    if (x.op === 'variable') {
      let id = variables.get(x.name)
      if (id === undefined) variables.set(x.name, (id = put('variable', [], x.name)))
      return id
    }
    if ('of' in x) return put(x.op, [visit(x.of)], SIGNS[x.op] ?? x.op)
    const left = visit(x.left)
    return put(x.op, [left, visit(x.right)], SIGNS[x.op]!)
  }
  visit(e)
  return nodes
}
export const valueAt = (s: State): number => evaluate(parse(s.formula), { x: s.x, y: s.y, w: s.w, b: s.b }, plain)
/** Every node in plain numbers; `moved` adds to one of them. */
export function plainNodes(s: State, moved: { readonly at: number; readonly by: number } = { at: -1, by: 0 }): readonly number[] {
  const values: number[] = []
  for (const [i, { op, name, value, inputs }] of graphOf(parse(s.formula)).entries()) {
    const [a, b] = inputs.map((k) => values[k]!)
    const here = op === 'number' ? value! : op === 'variable' ? s[name as Name] : inputs.length === 1 ? plain.unary(op as Unary, a!) : plain.binary(op as Binary, a!, b!)
    values.push(here + (i === moved.at ? moved.by : 0))
  }
  return values
}
/** ∂f/∂node by a central difference. */
export const differenceAt = (s: State, at: number, h = 1e-5): number => (plainNodes(s, { at, by: h }).at(-1)! - plainNodes(s, { at, by: -h }).at(-1)!) / (2 * h)
/** ∂f/∂variable by a central difference: the independent check. */
export const differenceOf = (s: State, name: Name, h = 1e-5): number => (valueAt({ ...s, [name]: s[name] + h }) - valueAt({ ...s, [name]: s[name] - h })) / (2 * h)

// ---- what goes wrong -------------------------------------------------------------------------------------------------

/** No value; a value whose slope has no end; a flat σ or tanh; a ReLU that lets nothing through. `at`: the node it begins with. */
export interface Trouble {
  readonly kind: 'nan' | 'steep' | 'flat' | 'dead'
  readonly at: number
}
export function troubleOf(s: State, values: readonly number[], gradients: readonly number[]): Trouble | null {
  const nodes = graphOf(parse(s.formula))
  const found = (kind: Trouble['kind'], holds: (node: GraphNode, into: number, out: number) => boolean): Trouble | null => {
    const at = nodes.findIndex((node, i) => holds(node, values[node.inputs[0] ?? -1] ?? 0, values[i]!))
    return at < 0 ? null : { kind, at }
  }
  const nan = found('nan', (_, __, out) => !Number.isFinite(out))
  if (nan !== null) return nan
  // a written power has no slope where its base is not above 0, and none is needed: only variables count
  const steep = nodes.findIndex(({ op }, i) => op === 'variable' && !Number.isFinite(gradients[i]!))
  if (steep >= 0) return { kind: 'steep', at: steep }
  return found('flat', ({ op }, _, out) => (op === 'sigmoid' && out * (1 - out) < 0.01) || (op === 'tanh' && 1 - out * out < 0.01)) ?? found('dead', ({ op }, into) => op === 'relu' && into < 0)
}
/** Other values of the variables, near the present ones, at which all is well; where there are none, the first example. */
export function repaired(s: State): State {
  const used = NAMES.filter((name) => graphOf(parse(s.formula)).some((node) => node.op === 'variable' && node.name === name))
  const well = (tried: State): boolean => {
    const slopes = graphOf(parse(s.formula)).map((node) => (node.op === 'variable' ? differenceOf(tried, node.name as Name) : 0))
    // near a place without a slope the difference is large, not endless
    return slopes.every((v) => Math.abs(v) < 1e3) && troubleOf(tried, plainNodes(tried), slopes) === null
  }
  const far = (tried: State): number => used.reduce((sum, name) => sum + (tried[name] - s[name]) ** 2, 0)
  const next = random(1)
  let best: State | null = null
  for (let k = 0; k < 400; k++) {
    const tried = { ...s, ...Object.fromEntries(used.map((name) => [name, Math.round(40 * next() - 20) / 4])) }
    if ((best === null || far(tried) < far(best)) && well(tried)) best = tried
  }
  return best ?? { ...s, formula: EXAMPLES[0], x: initial.x, y: initial.y, w: initial.w, b: initial.b, step: 0 }
}
