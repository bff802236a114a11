// Runs the model of a card: trained from its seed up to a number of steps, shown at even intervals.
import { currentDevice, setDevice } from 'gradus'
import type { Look, Running } from './models/machine.ts'
import { heartOf } from './hearts.ts'
import { MACHINES } from './machines.ts'
import type { CardId, State } from './model.ts'

export interface Frame extends Omit<Look, 'curves'> {
  readonly step: number
  /** [step, value] so far, of each curve. */
  readonly curves: Readonly<Record<string, readonly (readonly [number, number])[]>>
}
/** The model that was run last, as it stands: its figures are counted again from its own weights. */
let kept: { readonly of: string; readonly step: number; readonly running: Running } | null = null
const nameOf = ({ card, seed, variant }: Asked): string => [card, seed, variant].join()

type Asked = Pick<State, 'card' | 'seed' | 'variant' | 'steps'>

export async function* run(asked: Asked): AsyncGenerator<Frame> {
  const { card, seed, variant, steps } = asked
  const machine = MACHINES[card]
  const running = machine.start(seed, variant)
  const curves: Record<string, [number, number][]> = {}
  for (let step = 0; ; ) {
    const { curves: now, ...rest } = await running.look()
    for (const [name, value] of Object.entries(now)) (curves[name] ??= []).push([step, value])
    kept = { of: nameOf(asked), step, running }
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

/** The end of a run, trained once more from the seed; what was kept of another run stays. */
async function trainedAgain(asked: Asked): Promise<Frame> {
  const before = kept
  try {
    return await last(asked)
  } finally {
    kept = before
  }
}
/** The values of all curves there. */
export const pointAgain = async (asked: Asked): Promise<Readonly<Record<string, number>>> => Object.fromEntries(Object.entries((await trainedAgain(asked)).curves).map(([name, points]) => [name, points.at(-1)![1]]))
/** The figures of a run's end once more: by the model's own other way, else by the reference device from the trained weights. */
export const recount = (asked: Asked): Promise<Readonly<Record<string, number>>> => onReference(asked, (running) => running.recount?.() ?? running.look().then(({ figures }) => figures))
/** What it shows of itself at the end of a run once more: by the model's own other way, else by the reference device from the trained weights; `learned`: the weights themselves, trained again. */
export const picturesAgain = async (asked: Asked, learned = false): Promise<Look['pictures']> =>
  learned ? (await trainedAgain(asked)).pictures : onReference(asked, (running) => running.redraw?.() ?? running.look().then(({ pictures }) => pictures))

async function onReference<T>(asked: Asked, ask: (running: Running) => Promise<T>): Promise<T> {
  if (kept?.of !== nameOf(asked) || kept.step !== asked.steps) await last(asked)
  const { running } = kept!
  const before = currentDevice()
  setDevice('reference')
  try {
    return await ask(running)
  } finally {
    setDevice(before)
  }
}

/** The formula of a card on its example numbers, by Gradus. */
export const heart = (card: CardId): Promise<number> => heartOf[card]()
