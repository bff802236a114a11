// What goes wrong in training, told from what was measured; each has a cause the texts name and a repair.
import { type State, guessing, initial } from './model.ts'

export type Trouble = 'broken' | 'diverged' | 'dead' | 'saturated' | 'plateau' | 'overfit'
export interface Seen {
  readonly trainLoss: number
  readonly testLoss: number
  readonly broken: boolean
  /** [points seen, training loss, test loss], from the beginning. */
  readonly history: readonly (readonly [number, number, number])[]
  /** Signals of the hidden neurons at the training points: [layer][neuron][point]. */
  readonly signals: readonly (readonly ArrayLike<number>[])[]
  /** Training points. */
  readonly n: number
}
export interface Found {
  readonly trouble: Trouble
  /** Neurons concerned, or points seen when it was best. */
  readonly count: number
}

const every = (values: ArrayLike<number>, holds: (v: number) => boolean, share = 1): boolean => {
  let yes = 0
  for (let i = 0; i < values.length; i++) if (holds(values[i]!)) yes++
  return values.length > 0 && yes >= share * values.length
}
/** The neuron's slope is almost nothing: |a′| < 0.02. */
const FLAT: Partial<Readonly<Record<State['activation'], (a: number) => boolean>>> = { tanh: (a) => 1 - a * a < 0.02, sigmoid: (a) => a * (1 - a) < 0.02 }

export function troublesOf(s: State, seen: Seen): readonly Found[] {
  const found: Found[] = []
  const add = (trouble: Trouble, count = 0): void => void found.push({ trouble, count })
  if (seen.broken || !Number.isFinite(seen.trainLoss)) return [{ trouble: 'broken', count: 0 }]
  const lowest = Math.min(seen.trainLoss, ...seen.history.map(([, a]) => a))
  if (seen.trainLoss > 3 * guessing(s) && seen.trainLoss > 1.5 * lowest) add('diverged')
  const neurons = seen.signals.flat()
  if (s.activation === 'relu') {
    const dead = neurons.filter((values) => every(values, (v) => v === 0)).length
    if (dead > 0) add('dead', dead)
  }
  // A neuron that is sure of everything is no fault where the answers are right.
  const flat = FLAT[s.activation]
  if (flat !== undefined && seen.trainLoss > 0.5 * guessing(s)) {
    const stuck = neurons.filter((values) => every(values, flat, 0.9)).length
    if (stuck >= Math.max(1, neurons.length / 3)) add('saturated', stuck)
  }
  const epochs = s.seen / seen.n
  const before = seen.history.findLast(([at]) => at <= s.seen - 30 * seen.n)
  if (epochs >= 40 && before !== undefined && seen.trainLoss > 0.6 * guessing(s) && Math.abs(before[1] - seen.trainLoss) < 0.01 * before[1]) add('plateau')
  const best = seen.history.reduce((a, b) => (b[2] < a[2] ? b : a), [s.seen, seen.trainLoss, seen.testLoss] as const)
  if (epochs >= 20 && seen.testLoss > best[2] + 0.3 * guessing(s) && seen.testLoss > 1.3 * best[2] && seen.trainLoss < best[1]) add('overfit', best[0])
  return found
}

/** The state with the trouble's cause removed; training begins anew, or goes back to where the test was best. */
export function repaired(s: State, { trouble, count }: Found): State {
  const again = { ...s, seen: 0, start: null }
  switch (trouble) {
    case 'broken':
    case 'diverged':
      return { ...again, eta: Math.max(0.0001, Math.min(initial.eta, s.eta / 10)) }
    case 'dead':
      return { ...again, activation: 'tanh' }
    case 'saturated':
      return { ...again, eta: Math.max(0.0001, Math.min(initial.eta, s.eta / 10)) }
    case 'plateau':
      if (s.optimizer !== 'adam') return { ...again, optimizer: 'adam', eta: initial.eta }
      if (s.activation === 'linear') return { ...again, activation: 'tanh' }
      if (s.hidden.length === 0) return { ...again, hidden: [4] }
      return { ...again, hidden: s.hidden.map((n) => Math.min(8, n + 2)), penalty: 'none', dropout: 0 }
    case 'overfit':
      return { ...s, seen: count }
  }
}
