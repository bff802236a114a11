// Makes the vitest tests of some aspects: one test per op and device, its outcome kept for docs/op-matrix.md.
import { describe, expect, test } from 'vitest'
import { probeDevices } from '../support/devices.ts'
import { type Aspect, runAspect } from './aspects.ts'
import { OPS } from './samples.ts'

declare module 'vitest' {
  interface TaskMeta {
    matrix?: { readonly op: string; readonly aspect: string; readonly device: string; readonly ran: number; readonly reason: string | null }
  }
}

const devices = await probeDevices()

export function defineAspects(aspects: readonly Aspect[]): void {
  for (const { name, missing } of devices) {
    describe(name, () => {
      for (const aspect of aspects) {
        describe(aspect, () => {
          test.for(OPS)('%s', async (op, { task }) => {
            const outcome = missing === null ? await runAspect(op, aspect, name) : { ran: 0, problems: [], reason: missing }
            task.meta.matrix = { op, aspect, device: name, ran: outcome.ran, reason: outcome.reason }
            expect(outcome.problems).toEqual([])
            expect(outcome.ran > 0 || (outcome.reason !== null && outcome.reason !== '')).toBe(true)
          })
        })
      }
    })
  }
}
