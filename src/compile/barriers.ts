// Barriers: a step waits only when it touches memory that other threads wrote, or still read, since the last barrier.
import type { Arg, Kernel, Slot, Step } from '../ir/index.ts'

interface Touched {
  readonly from: number
  readonly to: number
  /** By all threads (true) or by thread 0 alone. */
  readonly parallel: boolean
  readonly wrote: boolean
}

export function placeBarriers(steps: readonly Step[], slots: readonly Slot[], kernels: readonly Kernel[]): Step[] {
  // Arena offsets are real addresses; every other slot gets a range of its own far away.
  const range = (arg: Arg): [number, number] => {
    const s = slots[arg.slot]!
    return s.kind === 'temp' ? [s.offset, s.offset + s.bytes] : [-(arg.slot + 1) * 1e12, -(arg.slot + 1) * 1e12 + s.bytes]
  }
  let touched: Touched[] = []
  const visit = (list: readonly Step[]): Step[] =>
    list.map((step) => {
      if (step.kind === 'loop') {
        // The first round follows what came before, later rounds follow the loop's own end: start from scratch.
        touched = [{ from: -Infinity, to: Infinity, parallel: true, wrote: true }]
        const body = visit(step.body)
        touched = [{ from: -Infinity, to: Infinity, parallel: true, wrote: true }]
        return { ...step, body }
      }
      if (step.kind === 'if') {
        const everything: Touched[] = [{ from: -Infinity, to: Infinity, parallel: true, wrote: true }]
        touched = everything
        const then = visit(step.then)
        touched = everything
        const otherwise = visit(step.else)
        touched = everything
        return { ...step, then, else: otherwise }
      }
      const params = kernels[step.kernel]!.params.filter((p) => p.scope === 'global')
      const mine = step.args.map((a, i): Touched => {
        const [from, to] = range(a)
        return { from, to, parallel: step.parallel, wrote: params[i]!.access !== 'read' }
      })
      const conflict = touched.some((t) => (t.parallel || step.parallel) && mine.some((m) => m.from < t.to && t.from < m.to && (m.wrote || t.wrote)))
      touched = conflict ? mine : [...touched, ...mine]
      return { ...step, barrier: conflict }
    })
  return visit(steps)
}
