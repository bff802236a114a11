// The bench's own arithmetic: statistics, turns, options, agreement, ratios, the numbers everybody starts from.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { type Contender, findPython, startContenders } from '../bench/contenders.ts'
import { eachParameter, readInputs, writeInputs } from '../bench/inputs.ts'
import { network } from '../bench/networks.ts'
import { parseOptions } from '../bench/options.ts'
import { type Entry, agreeing, resultOf } from '../bench/race.ts'
import { jsonLine, short, tableLine } from '../bench/report.ts'
import { firstDifference, median, summarize, turns } from '../bench/statistics.ts'
import { CARD_ROWS, type GenerateTask, ROWS, type Row, type StepTask, chooseRows, inUnit, ratio, tiny } from '../bench/tasks.ts'
import { timeRuns } from '../bench/timing.ts'
import { GPT } from '../src/models/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))
const rowOf = (name: string): Row => ROWS.find((r) => r.name === name)!

describe('statistics', () => {
  test('medians and ranges', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
    expect(summarize([5, 1, 9])).toEqual({ median: 5, low: 1, high: 9 })
  })
  test('differences: relative, with a scale for what should be small, NaN never agrees', () => {
    expect(firstDifference([1, 2], [1.0005, 2])).toBe(null)
    expect(firstDifference([1, 2], [1, 2.01])).toBe(1)
    expect(firstDifference([100, 0.001], [100, 0.002])).toBe(1)
    expect(firstDifference([100, 0.001], [100, 0.002], 1e-3, 0.1)).toBe(null)
    expect(firstDifference([1, Number.NaN], [1, Number.NaN])).toBe(1)
    expect(firstDifference([1], [1, 2])).toBe(1)
    expect(firstDifference([0], [0])).toBe(null)
  })
  test('turns: everybody once a round, every round begun by another', () => {
    expect(turns(3, 4)).toEqual([0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2])
    expect(turns(1, 3)).toEqual([0, 0, 0])
    expect(turns(0, 3)).toEqual([])
  })
  test('short runs are timed in blocks', async () => {
    let calls = 0
    const timed = await timeRuns(() => void calls++, 20)
    expect(calls).toBeGreaterThanOrEqual(timed.runs)
    expect(timed.runs).toBeGreaterThan(1000)
    expect(timed.ms).toBeLessThan(0.05)
    const slow = await timeRuns(() => new Promise<void>((resolve) => setTimeout(resolve, 5)), 30)
    expect(slow.runs).toBeLessThan(12)
    expect(slow.ms).toBeGreaterThan(3)
  })
})

describe('PyTorch', () => {
  const python = (name: string, says: string): string => {
    const file = join(folder, name)
    writeFileSync(file, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 })
    return file
  }
  afterEach(() => vi.unstubAllEnvs())
  test.skipIf(process.platform === 'win32')('is compiled where that works; else the report says why it is not', () => {
    vi.stubEnv('GRADUS_BENCH_PYTHON', python('works', '2.9.1+cpu none -'))
    expect(findPython(folder)).toMatchObject({ version: '2.9.1+cpu', card: null, compiles: true, problem: null })
    vi.stubEnv('GRADUS_BENCH_PYTHON', python('not', '2.9.1+cpu none no C++ compiler: apt install g++'))
    expect(findPython(folder)).toMatchObject({ compiles: false, problem: 'no C++ compiler: apt install g++' })
    const started = startContenders({ folder, devices: [], peers: ['torch'], threads: 1 })
    started.contenders.forEach((c) => c.process.close())
    expect(started.contenders.map((c) => c.name)).toEqual(['torch, 1 thread'])
    expect(started.missing['torch, compiled']).toMatch(/apt install g/)
  })
  test.skipIf(process.platform === 'win32')('runs on its card as well where webgpu takes part and it sees one', () => {
    const withGpu = (...devices: string[]): string[] => {
      const started = startContenders({ folder, devices, peers: ['torch'], threads: 1 })
      started.contenders.forEach((c) => c.process.close())
      return [...started.contenders.map((c) => c.name), ...Object.keys(started.missing)]
    }
    vi.stubEnv('GRADUS_BENCH_PYTHON', python('card', '2.9.1+cu128 cuda -'))
    expect(withGpu('webgpu')).toEqual(['webgpu', 'torch, CUDA'])
    expect(withGpu('webgpu', 'wasm')).toEqual(['webgpu', 'wasm', 'torch, CUDA', 'torch, 1 thread', 'torch, 1 thread, compiled'])
    vi.stubEnv('GRADUS_BENCH_PYTHON', python('bare', '2.9.1+cu128 none -'))
    expect(withGpu('webgpu')).toEqual(['webgpu', 'torch, 1 thread', 'torch, 1 thread, compiled', 'torch, CUDA'])
  })
})

describe('options', () => {
  test('the defaults, and every option', () => {
    const all = parseOptions([])
    expect(all.rows).toEqual(ROWS)
    expect(all).toMatchObject({ json: false, devices: ['wasm', 'native'], peers: ['torch', 'jax', 'tfjs', 'ort'], rounds: 5, seconds: 2 })
    expect(parseOptions('--only gemm-1024,mlp-128 --json --threads 1 --device native --peers torch --seconds 0.5 --rounds 3 --eager --out x.json'.split(' '))).toMatchObject({
      rows: [rowOf('gemm-1024'), rowOf('mlp-128')], json: true, threads: 1, devices: ['native'], peers: ['torch'], seconds: 0.5, rounds: 3, eager: true, out: 'x.json',
    })
    expect(parseOptions(['--peers', 'none']).peers).toEqual([])
  })
  test('webgpu alone takes the rows for cards; --tiny makes any of them small', () => {
    expect(parseOptions(['--device', 'webgpu']).rows).toEqual(CARD_ROWS)
    expect(parseOptions(['--device', 'webgpu,wasm']).rows).toEqual(ROWS)
    expect(parseOptions(['--only', 'card-gemm-4096', '--tiny']).rows).toMatchObject([{ task: { m: 64, n: 64, k: 64 }, work: 2 * 64 ** 3 }])
    const [gpt] = parseOptions(['--only', 'card-gpt2-124m', '--tiny']).rows
    expect(gpt).toMatchObject({ unit: 'tokens/s', task: { batch: 2, gpt: { context: 16 } }, work: 32 })
    expect(inUnit(gpt!, 4)).toBe(8000)
    const [write] = parseOptions(['--only', 'card-write-124m', '--tiny']).rows
    expect(write).toMatchObject({ unit: 'tokens/s', task: { kind: 'generate', gpt: { context: 16 }, prompt: 3 }, work: 1 })
    for (const row of [...ROWS, ...CARD_ROWS]) expect(Number.isInteger(tiny(row).work), row.name).toBe(true)
    expect(tiny(rowOf('conv-32-32-3x3')).work).toBe(2 * 2 * 32 * 32 * 8 * 8 * 3 * 3)
  })
  test('names end in a star', () => expect(chooseRows(['conv-*']).rows.map((r) => r.name)).toEqual(ROWS.map((r) => r.name).filter((n) => n.startsWith('conv-'))))
  test.each([
    [['--only', 'gem-64'], /no row is called gem-64\. There are: gemm-64 /],
    [['--threads', '1.5'], /--threads: expected a whole number above 0, received 1\.5/],
    [['--seconds', '0'], /--seconds: expected a number above 0/],
    [['--rounds', 'x'], /--rounds/],
    [['--device', 'gpu'], /--device: expected wasm, native, webgpu, webgpu-f16, reference, received gpu/],
    [['--peers', 'numpy'], /--peers: expected torch/],
    [['--nonsense'], /nonsense/],
  ])('%j is refused', (args, message) => expect(() => parseOptions(args)).toThrow(message))
})

test('units and ratios: larger is better for rates, smaller for times', () => {
  expect(inUnit(rowOf('gemm-1024'), 10)).toBeCloseTo((2 * 1024 ** 3) / 1e7, 6)
  expect(inUnit(rowOf('mlp-30'), 10)).toBe(10)
  expect(ratio(rowOf('gemm-64'), 60, 20)).toBe(3)
  expect(ratio(rowOf('mlp-30'), 20, 60)).toBe(3)
})

describe('agreement', () => {
  const contender = (name: string, group: string): Contender => ({ name, group, process: null as never, threads: 1, compiled: false, takes: () => true })
  const [wasm, torch, jax] = [contender('wasm', 'wasm'), contender('torch, 1 thread', 'torch'), contender('jax', 'jax')]
  const row = rowOf('mlp-30')
  test('a peer that differs is left out, with the numbers', () => {
    const problems: Record<string, string> = {}
    const agreed = agreeing(row, [{ contender: wasm, check: [2.3, 2.2] }, { contender: torch, check: [2.3, 2.2001] }, { contender: jax, check: [2.3, 2.1] }], problems)
    expect(agreed.map((c) => c.name)).toEqual(['wasm', 'torch, 1 thread'])
    expect(problems).toEqual({ jax: 'differs at 1: 2.3 2.1 where torch, 1 thread has 2.3 2.2001' })
  })
  test('a device that differs: nobody is timed', () => {
    const problems: Record<string, string> = {}
    expect(agreeing(row, [{ contender: wasm, check: [2.3, 2.4] }, { contender: torch, check: [2.3, 2.2] }], problems)).toEqual([])
    expect(problems.wasm).toMatch(/^differs at 1: 2\.3 2\.4 where/)
  })
  test('the best setting of a peer counts; the line has the fields promised', () => {
    const entry = (name: string, group: string, value: number): Entry => ({ contender: name, group, median: value, low: value, high: value, cpuMs: 1 })
    const result = resultOf(row, [entry('wasm', 'wasm', 0.1), entry('native', 'native', 0.05), entry('torch, 1 thread', 'torch', 0.4), entry('torch, 2 threads', 'torch', 0.6)], {})
    expect(JSON.parse(jsonLine(result))).toEqual({ name: 'mlp-30', unit: 'ms', gradus: { wasm: 0.1, native: 0.05 }, peers: { torch: 0.4 }, ratio: { wasm: { torch: 4 }, native: { torch: 8 } } })
    expect(tableLine(result)).toContain('torch [1 thread] 0.400 (0.400–0.400) → 4.00× 8.00×')
    expect(resultOf(rowOf('gemm-64'), [entry('a', 'torch', 1), entry('b', 'torch', 3)], {}).peers).toEqual({ torch: 3 })
  })
  test('three digits', () => expect([0.01234, 1.5, 12.34, 1234.5, 0].map(short)).toEqual(['0.0123', '1.50', '12.3', '1235', '0']))
})

describe('what everybody starts from', () => {
  const steps = ROWS.filter((r) => r.task.kind === 'step')
  test.each(steps.map((r) => r.name))('%s: names and shapes are those of the network', (name) => {
    const task = rowOf(name).task as StepTask
    const expected = new Map(network(task).namedParameters().map(([path, t]) => [path, t.shape]))
    const given = new Map<string, readonly number[]>()
    eachParameter(task, (path, shape) => void given.set(path, shape))
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(expected))
  })
  test('writing: those of GPT, and a prompt', () => {
    const [row] = parseOptions(['--only', 'card-write-124m', '--tiny']).rows
    const task = row!.task as GenerateTask
    const given = new Map<string, readonly number[]>()
    eachParameter(task, (path, shape) => void given.set(path, shape))
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(new GPT(task.gpt).namedParameters().map(([path, t]) => [path, t.shape])))
    writeInputs(task, join(folder, 'write'))
    expect(readInputs(join(folder, 'write')).values.get('prompt')!.shape).toEqual([3])
  })
  test('the same numbers every time, written and read', () => {
    const task = rowOf('mlp-30').task as StepTask
    writeInputs(task, join(folder, 'a'))
    writeInputs(task, join(folder, 'b'))
    const [a, b] = [readInputs(join(folder, 'a')), readInputs(join(folder, 'b'))]
    expect(a).toEqual(b)
    expect(a.trained).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias'])
    expect(a.values.get('x3')!.shape).toEqual([10, 784])
    expect(a.values.get('y0')!.data).toBeInstanceOf(Int32Array)
    expect(a.values.get('y0')!.data.every((label) => label >= 0 && label < 10)).toBe(true)
    const w = Array.from(a.values.get('layers.0.weight')!.data)
    expect(w.every((x) => Math.abs(x) <= 1 / 28)).toBe(true)
    expect(Array.from(w).reduce((s, x) => s + x, 0) / w.length).toBeLessThan(1e-3)
  })
})
