// The conformance suites as a page runs them on the WebGPU device: every aspect of every op against the reference, and
// PyTorch's numbers. As in Node where the device is slow: fewer samples, many in one program.
import { setDevice } from '../../src/tensor/index.ts'
import { type Aspect, runAspect } from '../ops/aspects.ts'
import { OPS } from '../ops/samples.ts'
import { on, spread } from './devices.ts'
import { type GoldenCase, runGolden } from './golden.ts'

export interface Ran {
  readonly what: string
  readonly ran: number
  readonly problems: readonly string[]
}

async function runOps(aspect: Aspect): Promise<Ran[]> {
  await setDevice('webgpu')
  const out: Ran[] = []
  for (const op of OPS) {
    const { ran, problems } = await runAspect(op, aspect, 'webgpu')
    out.push({ what: `${aspect} of ${op}`, ran, problems })
  }
  return out
}

async function runCases(cases: readonly GoldenCase[]): Promise<Ran[]> {
  await setDevice('webgpu')
  const out: Ran[] = []
  for (const fn of new Set(cases.map((c) => c.fn))) {
    const some = spread(cases.filter((c) => c.fn === fn), 6)
    out.push({ what: `golden ${fn}`, ran: some.length, problems: await on('webgpu', () => runGolden(some, { together: true })) })
  }
  return out
}

Object.assign(globalThis, { runOps, runCases })
