// Runs one unit of a kernel whose unit is a group's: the members take turns, each up to its next barrier. What would
// depend on the order of the turns is an error: two members on one element between two barriers, one of them writing.
import { allocate, GradusError, type TypedArray } from '../base/index.ts'
import { Frame, type InterpretOptions } from './frame.ts'
import type { Kernel, Stmt } from './kernel.ts'
import { evaluateScalar } from './scalar.ts'

/** Elements and who touched them since the last barrier. */
class Watch {
  private readonly kernel: Kernel
  private readonly touched = new Map<string, { member: number; shared: boolean; wrote: boolean }>()
  member = 0
  constructor(kernel: Kernel) {
    this.kernel = kernel
  }
  access(buf: number, index: number, lanes: number, write: boolean): void {
    const { scope, access } = this.kernel.params[buf]!
    if (scope === 'thread' || access === 'read') return
    for (let l = 0; l < lanes; l++) {
      const key = `${buf},${index + l}`
      const before = this.touched.get(key)
      if (before === undefined) this.touched.set(key, { member: this.member, shared: false, wrote: write })
      else {
        const other = before.shared || before.member !== this.member
        if (other && (write || before.wrote)) {
          throw new GradusError(`kernel ${this.kernel.name}`, `members ${before.member} and ${this.member} meet at element ${index + l} of buffer ${buf}`, { expected: 'a barrier between a write and another member\'s access' })
        }
        before.shared ||= other
        before.wrote ||= write
      }
    }
  }
  barrier(): void {
    this.touched.clear()
  }
}

export function runGroup(kernel: Kernel, buffers: readonly (TypedArray | undefined)[], options: InterpretOptions, unit: number): void {
  const { size, local } = kernel.group!
  const shared = kernel.params.map((p, i) => (p.scope === 'group' ? allocate(p.dtype, p.length) : buffers[i]))
  const written = kernel.params.map((p, i) => (p.scope === 'group' ? new Uint8Array(p.length) : (options.written?.[i] ?? null)))
  const watch = new Watch(kernel)
  const members = Array.from({ length: size }, (_, member) => {
    const frame = new Frame(kernel, shared, { written })
    frame.race = watch
    frame.bindRange(unit, unit + 1)
    frame.bindVar(local, member)
    return { frame, run: steps(frame, kernel.body) }
  })
  for (let done = false; !done; ) {
    const stops = members.map(({ run }, i) => {
      watch.member = i
      return run.next()
    })
    if (stops.some((s) => s.done !== stops[0]!.done || s.value !== stops[0]!.value)) throw new GradusError(`kernel ${kernel.name}`, 'not all members of the group come by a barrier')
    done = stops[0]!.done === true
    watch.barrier()
    const at = stops[0]!.value
    if (!done && at?.s === 'fold') fold(at, members.map((m) => m.frame))
  }
}

/** Halves onto halves, until one value is left for all. */
function fold({ v, op }: Extract<Stmt, { s: 'fold' }>, frames: readonly Frame[]): void {
  let values = frames.map((f) => f.valueOf(v))
  while (values.length > 1) {
    const half = values.length / 2
    values = values.slice(0, half).map((x, i) => evaluateScalar(op, v.type.t, x, values[i + half]!))
  }
  for (const f of frames) f.bindVar(v, values[0]!)
}

/** A block, pausing at its barriers and folds, of which it tells. */
function* steps(frame: Frame, body: readonly Stmt[]): Generator<Stmt, undefined> {
  for (const s of body) {
    if (s.s === 'barrier' || s.s === 'fold') yield s
    else if (s.s === 'for') {
      const hi = frame.scalar(s.hi)
      for (let i = frame.scalar(s.lo); i < hi; i += s.step) {
        frame.bindVar(s.v, i)
        yield* steps(frame, s.body)
      }
    } else if (s.s === 'if') yield* steps(frame, frame.scalar(s.cond) !== 0 ? s.then : s.else)
    else frame.statement(s)
  }
  return undefined
}
