// The section "Speed": targets judged, misses explained, load admitted, the rest of the page kept.
import { expect, test } from 'vitest'
import type { Report } from '../bench/report.ts'
import { speedSection, withSection } from '../bench/results.mjs'

const report = (load: number): Report => ({
  machine: { date: '2026-01-01 00:00', processor: 'P', cores: 2, memoryGiB: 8, system: 'linux', node: '20', load: [load, 0, 0], vectors: 'avx2' },
  options: { threads: 2, seconds: 1, rounds: 2 }, versions: { torch: { torch: '2' } }, missing: { jax: 'not installed' },
  rows: [{
    name: 'mlp-30', unit: 'ms', gradus: { wasm: 0.1, native: 0.1 }, peers: { torch: 0.5 }, ratio: { wasm: { torch: 5 }, native: { torch: 5 } }, problems: { tfjs: 'differs' },
    entries: ['wasm', 'native', 'torch'].map((name) => ({ contender: name, group: name, median: name === 'torch' ? 0.5 : 0.1, low: 0.05, high: 0.6, cpuMs: 1 })),
  }],
})
const profiles = ['wasm', 'native'].map((device) => ({ name: 'mlp-30', device, threads: 1, ms: 0.1, inKernels: 0.5, peak: { gflops: 50, gbps: 20 }, kernels: [{ name: `gemm_${device}`, share: 0.3, gflops: 25, gbps: 5 }] }))

test('targets, misses and their explanation', () => {
  const text = speedSection(report(1), null, profiles)
  expect(text).toContain('| mlp-30 | wasm | torch | 5 | 4 | reached |')
  expect(text).toContain('| mlp-30 | native | torch | 5 | 8 | missed |')
  expect(text).toContain('gemm_native 30 % at 25 GFLOP/s')
  expect(text).not.toContain('gemm_wasm')
  expect(text).toContain('- mlp-30, tfjs: differs')
  expect(text).toContain('Not on this machine: jax')
  expect(text).not.toContain('load average')
})
test('a busy machine is admitted', () => expect(speedSection(report(9), null, [])).toContain('**The load average was 9'))
test('the rest of the page stays', () => {
  const page = withSection('# Results\n\nmine\n', speedSection(report(1), null, []))
  const again = withSection(`${page}\nafter\n`, speedSection(report(9), null, []))
  expect(again).toMatch(/^# Results\n\nmine\n\n<!-- speed/)
  expect(again).toContain('after')
  expect(again.match(/## Speed/g)).toHaveLength(1)
  expect(again).toContain('load average was 9')
})
