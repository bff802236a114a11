// Program → C source for the system's compiler: one function a kernel (equal ones once) and `gradus_main`.
import { byteSize } from '../../base/index.ts'
import type { Kernel, Program, Slot } from '../../ir/index.ts'
import { TEAM, keptApart, mainFunction, sharedWork } from './driver.ts'
import { kernelBody } from './kernel.ts'
import { MARKS, marksBytes } from './marks.ts'
import { Prelude } from './types.ts'

export { readMarks } from './marks.ts'

export interface COptions {
  /** 32-bit elements in a vector register of the machine: for estimates of time only. */
  readonly lanes: number
  /** The program tells how long its kernels take: in a last output more, for `readMarks`. */
  readonly profile?: boolean
}

/** What the runtime needs to compile and run a program. */
export interface CImage {
  readonly key: string
  /** Defines `void gradus_main(struct gradus_team *team, char *const *slots)`: all steps, called by one thread. */
  readonly source: string
  /** One address each in the table. */
  readonly slots: readonly Slot[]
  readonly arenaBytes: number
  /** Private bytes of each thread. */
  readonly scratchBytes: number
  /** Estimated nanoseconds of work that several threads can share. */
  readonly sharedNs: number
}

export function renderC(program: Program, options: COptions): CImage {
  const prelude = new Prelude()
  const apart = keptApart(program)
  const names = new Map<string, string>()
  const functions = program.kernels.map((kernel, i) => {
    const body = kernelBody(kernel, prelude, apart[i]!)
    let name = names.get(body)
    if (name === undefined) names.set(body, (name = `k${names.size}_${kernel.name.replace(/\W/g, '_')}`))
    return name
  })
  const texts = [...names].map(([body, name]) => `static void ${name}(char *const *a, char *s, long lo, long hi) {\n${body}\n}`)
  const profile = options.profile === true
  const marks: Slot = { kind: 'output', index: program.outputs.length, bytes: marksBytes(program.kernels.length) }
  return {
    key: profile ? `${program.key}|p` : program.key,
    source: `${[profile ? MARKS : '', TEAM, prelude.text(), ...texts, mainFunction(program, functions, options.lanes, profile)].filter((t) => t !== '').join('\n\n')}\n`,
    slots: profile ? [...program.slots, marks] : program.slots,
    arenaBytes: program.arenaBytes,
    scratchBytes: Math.max(program.scratchBytes, ...program.kernels.map(scratchBytes)),
    sharedNs: sharedWork(program, options.lanes),
  }
}

const scratchBytes = (kernel: Kernel): number =>
  kernel.params.reduce((sum, p) => (p.scope === 'thread' ? sum + Math.ceil((p.length * byteSize(p.dtype)) / 64) * 64 : sum), 0)
