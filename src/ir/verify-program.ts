// Refuses malformed programs: arguments that do not fit their slots, writes to constants, an arena too small.
import { GradusError, byteSize } from '../base/index.ts'
import type { Kernel } from './kernel.ts'
import type { Arg, Program, Slot, Step } from './program.ts'
import { verifyKernel } from './verify.ts'

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

export function verifyProgram(program: Program): void {
  program.kernels.forEach(verifyKernel)
  demand(isCount(program.arenaBytes), 'bad arena size', 'an integer ≥ 0', String(program.arenaBytes))
  program.slots.forEach((slot, i) => verifySlot(program, slot, i))
  program.outputs.forEach(({ alias, dtype, length }, i) => {
    if (alias === undefined) return
    const input = program.inputs[alias]
    demand(input !== undefined && input.dtype === dtype && input.length === length, `output ${i} does not fit over input ${alias}`,
      `${dtype} × ${length}`, input === undefined ? 'nothing' : `${input.dtype} × ${input.length}`)
  })
  verifySteps(program, program.steps, [], 'steps')
}

function verifySlot(program: Program, slot: Slot, i: number): void {
  demand(isCount(slot.bytes), `slot ${i} has a bad size`, 'an integer ≥ 0', String(slot.bytes))
  switch (slot.kind) {
    case 'temp':
      demand(isCount(slot.offset) && slot.offset + slot.bytes <= program.arenaBytes, `slot ${i} leaves the arena`,
        `bytes 0 … ${program.arenaBytes}`, `${slot.offset} … ${slot.offset + slot.bytes}`)
      return
    case 'const':
      demand(slot.data.byteLength === slot.bytes, `slot ${i} has not the size of its data`, `${slot.data.byteLength} bytes`, String(slot.bytes))
      return
    default: {
      const list = slot.kind === 'input' ? program.inputs : program.outputs
      const bound = list[slot.index]
      if (bound === undefined) fail(`slot ${i} is bound to no ${slot.kind}`, `0 … ${list.length - 1}`, String(slot.index))
      const bytes = bound.length * byteSize(bound.dtype)
      demand(slot.bytes === bytes || bound.length === 0, `slot ${i} has not the size of ${slot.kind} ${slot.index}`, `${bytes} bytes`, String(slot.bytes))
    }
  }
}

/** `loops`: how often each enclosing loop runs, outermost first. */
function verifySteps(program: Program, steps: readonly Step[], loops: readonly number[], path: string): void {
  steps.forEach((step, i) => {
    const where = `${path}[${i}]`
    switch (step.kind) {
      case 'kernel': {
        const kernel = program.kernels[step.kernel]
        if (kernel === undefined) fail(`${where}: no such kernel`, `0 … ${program.kernels.length - 1}`, String(step.kernel))
        verifyArguments(program, kernel, step.args, loops, `${where} (${kernel.name})`)
        return
      }
      case 'loop':
        demand(isCount(step.count), `${where}: bad count`, 'an integer ≥ 0', String(step.count))
        verifySteps(program, step.body, [...loops, step.count], `${where}.body`)
        return
      case 'if':
        verifyArgument(program, step.flag, 1, 1, loops, `${where}, flag`)
        verifySteps(program, step.then, loops, `${where}.then`)
        verifySteps(program, step.else, loops, `${where}.else`)
        return
      default:
        fail(`${where}: unknown step ${String((step as { kind: unknown }).kind)}`)
    }
  })
}

function verifyArguments(program: Program, kernel: Kernel, args: readonly Arg[], loops: readonly number[], where: string): void {
  const params = kernel.params.filter((p) => p.scope === 'global')
  demand(args.length === params.length, `${where}: wrong number of arguments`, `${params.length} (one a global buffer)`, String(args.length))
  params.forEach((param, i) => {
    const arg = args[i]!
    const size = byteSize(param.dtype)
    const slot = verifyArgument(program, arg, param.length * size, size, loops, `${where}, argument ${i}`)
    // An input may be written only where the caller has given it away for an output.
    const given = slot.kind === 'input' && program.outputs.some((o) => o.alias === slot.index)
    demand(param.access === 'read' || slot.kind === 'temp' || slot.kind === 'output' || given, `${where}: argument ${i} is written`, 'a temp or an output', slot.kind)
  })
}

/** The bytes an argument covers over all iterations lie inside its slot. */
function verifyArgument(program: Program, arg: Arg, bytes: number, alignment: number, loops: readonly number[], where: string): Slot {
  const slot = program.slots[arg.slot]
  if (slot === undefined) fail(`${where}: no such slot`, `0 … ${program.slots.length - 1}`, String(arg.slot))
  const strides = arg.strides ?? []
  demand(strides.length <= loops.length, `${where}: more strides than loops`, `at most ${loops.length}`, String(strides.length))
  const start = arg.offset ?? 0
  demand(isCount(start) && start % alignment === 0, `${where}: bad offset`, `a multiple of ${alignment} bytes`, String(start))
  let lo = start
  let hi = start + bytes
  strides.forEach((stride, level) => {
    demand(Number.isSafeInteger(stride) && stride % alignment === 0, `${where}: bad stride`, `a multiple of ${alignment} bytes`, String(stride))
    const reach = stride * Math.max(0, loops[level]! - 1)
    if (reach < 0) lo += reach
    else hi += reach
  })
  demand(lo >= 0 && hi <= slot.bytes, `${where} leaves slot ${arg.slot}`, `bytes 0 … ${slot.bytes}`, `${lo} … ${hi}`)
  if (slot.kind === 'temp') demand(slot.offset % alignment === 0, `${where}: slot ${arg.slot} is not aligned`, `a multiple of ${alignment}`, String(slot.offset))
  return slot
}

function demand(ok: boolean, problem: string, expected?: string, received?: string): void {
  if (!ok) fail(problem, expected, received)
}
function fail(problem: string, expected?: string, received?: string): never {
  throw new GradusError('program', problem, { ...(expected !== undefined && { expected }), ...(received !== undefined && { received }) })
}
