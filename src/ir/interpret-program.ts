// Runs a whole program with the kernel interpreter: slots as byte ranges, steps in order. The oracle for executors.
import { GradusError, type TypedArray, byteSize, viewOf } from '../base/index.ts'
import { interpretKernel } from './interpret.ts'
import type { Kernel } from './kernel.ts'
import type { Arg, Program, Step } from './program.ts'

export interface ProgramOptions {
  /** Refuse reads of temporary and output memory that nothing has written (per byte). Default true. */
  readonly checkWritten?: boolean
}

/** Memory of one slot: bytes, and which of them have been written (null: all). */
interface Memory {
  readonly bytes: Uint8Array
  readonly written: Uint8Array | null
}

/**
 * Runs `program`; `inputs` and `outputs` are the caller's arrays in the order of the slots' indices. An output written
 * over an input is copied from there at the end.
 */
export function interpretProgram(program: Program, inputs: readonly TypedArray[], outputs: readonly TypedArray[], options: ProgramOptions = {}): void {
  const track = options.checkWritten ?? true
  const arena = new Uint8Array(program.arenaBytes).fill(0xff)
  const arenaWritten = track ? new Uint8Array(program.arenaBytes) : null
  const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
  const bind = (kind: string, list: readonly TypedArray[], index: number): TypedArray => {
    const array = list[index]
    if (array === undefined) throw new GradusError('program', `${kind} ${index} is missing`)
    return array
  }
  const memories = program.slots.map((slot): Memory => {
    switch (slot.kind) {
      case 'input': return { bytes: bytesOf(bind('input', inputs, slot.index)), written: null }
      case 'output': {
        const bytes = bytesOf(bind('output', outputs, slot.index))
        return { bytes, written: track ? new Uint8Array(bytes.length) : null }
      }
      case 'temp':
        return {
          bytes: arena.subarray(slot.offset, slot.offset + slot.bytes),
          written: arenaWritten?.subarray(slot.offset, slot.offset + slot.bytes) ?? null,
        }
      case 'const': return { bytes: slot.data.slice(), written: null }
    }
  })
  new Run(program, memories).steps(program.steps)
  program.outputs.forEach(({ alias }, i) => {
    if (alias !== undefined) outputs[i]?.set(inputs[alias]!)
  })
}

class Run {
  private readonly program: Program
  private readonly memories: readonly Memory[]
  /** Iteration numbers of the enclosing loops, outermost first. */
  private readonly loops: number[] = []

  constructor(program: Program, memories: readonly Memory[]) {
    this.program = program
    this.memories = memories
  }

  steps(list: readonly Step[]): void {
    for (const step of list) this.step(step)
  }

  private step(step: Step): void {
    switch (step.kind) {
      case 'kernel':
        this.launch(this.program.kernels[step.kernel]!, step.args)
        return
      case 'loop':
        for (let i = 0; i < step.count; i++) {
          this.loops.push(i)
          this.steps(step.body)
          this.loops.pop()
        }
        return
      case 'if': {
        const at = this.offset(step.flag)
        const memory = this.memories[step.flag.slot]!
        if (memory.written?.[at] === 0) throw new GradusError('program', `the flag in slot ${step.flag.slot} is read before it is written`)
        this.steps(memory.bytes[at] !== 0 ? step.then : step.else)
        return
      }
    }
  }

  private offset(arg: Arg): number {
    return (arg.strides ?? []).reduce((sum, stride, level) => sum + stride * (this.loops[level] ?? 0), arg.offset ?? 0)
  }

  /** Arguments are bound to the kernel's global buffers in order; thread scratch has none. */
  private launch(kernel: Kernel, args: readonly Arg[]): void {
    let next = 0
    const bound = kernel.params.map((param) => {
      if (param.scope !== 'global') return null
      const arg = args[next++]
      if (arg === undefined) throw new GradusError(`kernel ${kernel.name}`, `argument ${next - 1} is missing`)
      const size = byteSize(param.dtype)
      const at = this.offset(arg)
      const memory = this.memories[arg.slot]!
      const length = param.length * size
      if (at < 0 || at + length > memory.bytes.length) {
        throw new GradusError(`kernel ${kernel.name}`, `argument ${next - 1} leaves slot ${arg.slot}`, {
          expected: `bytes 0 … ${memory.bytes.length}`,
          received: `${at} … ${at + length}`,
        })
      }
      const start = memory.bytes.byteOffset + at
      if (start % size !== 0) throw new GradusError(`kernel ${kernel.name}`, `argument ${next - 1} is not aligned`, { expected: `a multiple of ${size} bytes`, received: String(start) })
      const written = memory.written === null ? null : Uint8Array.from({ length: param.length }, (_, i) => memory.written![at + i * size]!)
      return { memory, at, size, written, array: viewOf(param.dtype, memory.bytes.buffer, start, param.length) }
    })
    interpretKernel(kernel, bound.map((b) => b?.array), 0, kernel.extent, { written: bound.map((b) => b?.written ?? null) })
    for (const b of bound) {
      b?.written?.forEach((flag, i) => {
        if (flag !== 0) b.memory.written!.fill(1, b.at + i * b.size, b.at + (i + 1) * b.size)
      })
    }
  }
}
