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
  /** Characters of C that are worth a compiler of their own. */
  readonly unit?: number
}

/** What the runtime needs to compile and run a program. */
export interface CImage {
  readonly key: string
  /** Defines `void gradus_main(struct gradus_team *team, char *const *slots)`: all steps, called by one thread. */
  readonly source: string
  /** The same in several translation units, where the program is long enough for compilers to work on it at once. */
  readonly units?: readonly string[]
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
  const profile = options.profile === true
  const marks: Slot = { kind: 'output', index: program.outputs.length, bytes: marksBytes(program.kernels.length) }
  const head = [TEAM, prelude.text()]
  const signature = (name: string): string => `void ${name}(char *const *a, char *s, long lo, long hi)`
  const main = mainFunction(program, functions, options.lanes, profile)
  const unit = (texts: readonly string[]): string => `${texts.filter((t) => t !== '').join('\n\n')}\n`
  const first = profile ? MARKS : '' // asks for functions of the system, which the others do not
  const parts = shared([...names], options.unit ?? UNIT)
  return {
    key: profile ? `${program.key}|p` : program.key,
    source: unit([first, ...head, ...[...names].map(([body, name]) => `static ${signature(name)} {\n${body}\n}`), main]),
    ...(parts.length < 2 ? {} : {
      units: [
        unit([first, TEAM, [...names.values()].map((name) => `${signature(name)};`).join('\n'), main]),
        ...parts.map((part) => unit([...head, ...part.map(([body, name]) => `${signature(name)} {\n${body}\n}`)])),
      ],
    }),
    slots: profile ? [...program.slots, marks] : program.slots,
    arenaBytes: program.arenaBytes,
    scratchBytes: Math.max(0, ...program.kernels.map(scratchBytes)),
    sharedNs: sharedWork(program, options.lanes),
  }
}

/** A compiler takes the better part of a second for that many characters, and a twentieth of one to start. */
const UNIT = 40_000

/** Kernels dealt out to units of about equal length, the long ones first. */
function shared(kernels: readonly (readonly [string, string])[], length: number): (readonly [string, string])[][] {
  const count = Math.floor(kernels.reduce((sum, [body]) => sum + body.length, 0) / length)
  const parts = Array.from({ length: Math.min(count, kernels.length) }, () => ({ length: 0, kernels: [] as (readonly [string, string])[] }))
  if (parts.length < 2) return []
  for (const kernel of [...kernels].sort((a, b) => b[0].length - a[0].length)) {
    const least = parts.reduce((a, b) => (b.length < a.length ? b : a))
    least.length += kernel[0].length
    least.kernels.push(kernel)
  }
  return parts.map((p) => p.kernels)
}

const scratchBytes = (kernel: Kernel): number =>
  kernel.params.reduce((sum, p) => (p.scope === 'thread' ? sum + Math.ceil((p.length * byteSize(p.dtype)) / 64) * 64 : sum), 0)
