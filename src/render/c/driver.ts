// The steps of a program in C: what thread 0 runs. A step worth several threads is handed to the team, which returns when
// all of it is done; so no step ever waits for a thread that sleeps.
import { byteSize } from '../../base/index.ts'
import type { Arg, Kernel, Program, Slot, Step } from '../../ir/index.ts'
import { beginMarks } from './marks.ts'

/** What the program sees of the runtime; the runtime's own structure begins with the same words. */
export const TEAM = `struct gradus_team {
  void (*share)(struct gradus_team *team, void (*kernel)(char *const *, char *, long, long), char *const *args, int count, long extent, int pieces);
  char *scratch;
};`

/** Nanoseconds of work that make a piece, and that make it worth asking the other threads. */
const PIECE = 4000
const MAX_PIECES = 512

/** Time a kernel takes on one core, roughly: vectors of arithmetic, or memory. */
export function estimate(kernel: Kernel, lanes: number): number {
  return Math.max(kernel.flops / (3 * lanes), kernel.bytes / 12)
}

/** `void gradus_main(team, slots)`; `functions` names each of the program's kernels. */
export function mainFunction(program: Program, functions: readonly string[], lanes: number, profile = false): string {
  const lines: string[] = profile ? [beginMarks(program.slots.length, program.kernels.length)] : []
  const address = ({ slot, offset, strides }: Arg): string => {
    let text = `slots[${slot}]`
    if (offset) text += ` + ${offset}`
    strides?.forEach((s, l) => {
      if (s !== 0) text += ` + l${l} * ${s}l`
    })
    return text
  }
  const run = (steps: readonly Step[], depth: number, indent: string): void => {
    for (const step of steps) {
      if (step.kind === 'kernel') {
        const kernel = program.kernels[step.kernel]!
        if (kernel.extent <= 0) continue
        const name = functions[step.kernel]!
        const pieces = step.parallel ? Math.min(MAX_PIECES, kernel.extent, Math.floor(estimate(kernel, lanes) / PIECE)) : 1
        const call = pieces > 1 ? `team->share(team, ${name}, a, ${step.args.length}, ${kernel.extent}, ${pieces})` : `${name}(a, team->scratch, 0, ${kernel.extent})`
        const work = profile ? `double since = gradus_now(); ${call}; gradus_mark(marks, ${program.kernels.length}, ${step.kernel}, since);` : `${call};`
        lines.push(`${indent}{ char *const a[] = {${step.args.map(address).join(', ')}}; ${work} }`)
      } else if (step.kind === 'loop') {
        lines.push(`${indent}for (long l${depth} = 0; l${depth} < ${step.count}; l${depth}++) {`)
        run(step.body, depth + 1, `${indent}  `)
        lines.push(`${indent}}`)
      } else {
        lines.push(`${indent}if (*(const unsigned char *)(${address(step.flag)})) {`)
        run(step.then, depth, `${indent}  `)
        if (step.else.length > 0) {
          lines.push(`${indent}} else {`)
          run(step.else, depth, `${indent}  `)
        }
        lines.push(`${indent}}`)
      }
    }
  }
  run(program.steps, 0, '  ')
  return `__attribute__((visibility("default"))) void gradus_main(struct gradus_team *team, char *const *slots) {\n${lines.join('\n')}\n}`
}

/** Nanoseconds of the steps that can be shared: is waking the other threads worth it? */
export function sharedWork(program: Program, lanes: number): number {
  const sum = (steps: readonly Step[]): number =>
    steps.reduce((total, s) => {
      if (s.kind === 'loop') return total + s.count * sum(s.body)
      if (s.kind === 'if') return total + Math.max(sum(s.then), sum(s.else))
      const ns = estimate(program.kernels[s.kernel]!, lanes)
      return total + (s.parallel && ns >= 2 * PIECE ? ns : 0)
    }, 0)
  return sum(program.steps)
}

/** For every kernel: whether in all its calls a buffer that is written overlaps no other. */
export function keptApart(program: Program): boolean[] {
  const apart = program.kernels.map(() => true)
  const visit = (steps: readonly Step[]): void => {
    for (const s of steps) {
      if (s.kind === 'loop') visit(s.body)
      else if (s.kind === 'if') {
        visit(s.then)
        visit(s.else)
      } else if (apart[s.kernel]) apart[s.kernel] = callApart(program, s)
    }
  }
  visit(program.steps)
  return apart
}

function callApart(program: Program, step: Extract<Step, { kind: 'kernel' }>): boolean {
  const params = program.kernels[step.kernel]!.params.filter((p) => p.scope === 'global')
  return step.args.every((a, i) =>
    params[i]!.access === 'read' ||
    step.args.every((b, j) => i === j || !overlap(program, a, params[i]!.length * byteSize(params[i]!.dtype), b, params[j]!.length * byteSize(params[j]!.dtype))),
  )
}

function overlap({ slots, outputs }: Program, a: Arg, aBytes: number, b: Arg, bBytes: number): boolean {
  const [p, q] = [slots[a.slot]!, slots[b.slot]!]
  const given = (s: Slot): boolean => s.kind === 'output' && outputs[s.index]?.alias !== undefined
  // Two inputs may be one buffer, but inputs are written only when they were given away, which needs them to differ.
  if (a.slot !== b.slot && (p.kind !== 'temp' || q.kind !== 'temp')) return given(p) || given(q)
  // In loops the addresses move: equal slots count as overlapping.
  if (a.slot === b.slot && ((a.strides?.some((s) => s !== 0) ?? false) || (b.strides?.some((s) => s !== 0) ?? false))) return true
  const start = (s: Slot, x: Arg): number => (s.kind === 'temp' ? s.offset : 0) + (x.offset ?? 0)
  const [from, to] = [start(p, a), start(q, b)]
  return from < to + bBytes && to < from + aBytes
}
