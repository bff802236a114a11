// The table of --profile: columns, the rest summed up, no rates where none are known.
import { expect, test } from 'vitest'
import type { KernelProfile, Profile } from '../../tensor/index.ts'
import { profileTable } from './profile-table.ts'

const kernel = (name: string, ms: number): KernelProfile => ({ name, calls: 2, ms, bestMs: ms / 2, gflops: 12.34, gbps: 5, share: ms / 1000 })
const profile = (kernels: readonly KernelProfile[], peak: Profile['peak']): Profile => ({ kernels, totalMs: 1000, compileMs: 40, arenaBytes: 2e6, peak, chromeTrace: () => '' })

test('the longest kernels, the others in one line', () => {
  const kernels = Array.from({ length: 23 }, (_, i) => kernel(`k${i}`, 30 - i))
  const lines = profileTable(profile(kernels, { gflops: 50, gbps: 20 })).split('\n')
  expect(lines[0]).toBe(`Profile: 1.00 s, of it 0.44 s in kernels, 0.04 s compiling, the rest JavaScript; arena 2.0 MB.`)
  expect(lines[1]).toContain('50 GFLOP/s and 20.0 GB/s')
  expect(lines[3]).toBe('     30.00   3.0 %         2     12.3     5.0  k0')
  expect(lines).toHaveLength(3 + 20 + 1)
  expect(lines.at(-1)).toMatch(/^ +27\.00 +2\.7 % .* 3 more$/)
})

test('no rates on the reference device', () => {
  const text = profileTable(profile([kernel('dot', 10)], null))
  expect(text).not.toContain('GFLOP/s')
  expect(text).toContain('10.00   1.0 %         2  dot')
})
