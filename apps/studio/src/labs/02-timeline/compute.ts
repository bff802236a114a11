// Runs the model of a card: trained from its seed up to a number of steps, shown at even intervals.
import type { Look } from './models/machine.ts'
import { heartOf } from './hearts.ts'
import { MACHINES } from './machines.ts'
import type { CardId, State } from './model.ts'

export interface Frame extends Omit<Look, 'curves'> {
  readonly step: number
  /** [step, value] so far, of each curve. */
  readonly curves: Readonly<Record<string, readonly (readonly [number, number])[]>>
}
type Asked = Pick<State, 'card' | 'seed' | 'variant' | 'steps'>

export async function* run({ card, seed, variant, steps }: Asked): AsyncGenerator<Frame> {
  const machine = MACHINES[card]
  const running = machine.start(seed, variant)
  const curves: Record<string, [number, number][]> = {}
  for (let step = 0; ; ) {
    const { curves: now, ...rest } = await running.look()
    for (const [name, value] of Object.entries(now)) (curves[name] ??= []).push([step, value])
    yield { step, curves: Object.fromEntries(Object.entries(curves).map(([name, points]) => [name, [...points]])), ...rest }
    if (step >= steps) return
    const to = Math.min(step + machine.every, steps)
    await running.advance(step, to)
    step = to
  }
}

/** The end of a run. */
export async function last(asked: Asked): Promise<Frame> {
  let end: Frame | null = null
  for await (const frame of run(asked)) end = frame
  return end!
}

/** The formula of a card on its example numbers, by Gradus. */
export const heart = (card: CardId): Promise<number> => heartOf[card]()
