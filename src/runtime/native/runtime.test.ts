// The native runtime: launches on several threads, loops and branches, memory, the cache on disk, a missing compiler.
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problem } from '../../../test/support/run-native.ts'
import { allocate } from '../../base/index.ts'
import { type Kernel, type Program, type Step, constant, i32, interpretProgram, load, newVar, op, use } from '../../ir/index.ts'
import { renderC } from '../../render/index.ts'
import { runCompiler } from './compiler.ts'
import { NativeRuntime, type NativeRuntimeOptions, findCompiler, nativeProblem } from './index.ts'

const there = describe.skipIf(problem !== null)
const N = 5000
const root = resolvePath(import.meta.dirname, '../../..')
/** A process that multiplies on several threads. */
const PROCESS = `
  import { currentDevice, full, jit, matmul, setDevice } from './index.ts'
  setDevice('auto', { threads: 3 })
  const product = jit((a, b) => matmul(a, b).mul(2).add(1).max())
  let last = 0
  for (let i = 0; i < 20; i++) last = await product(full([300, 299], 0.5), full([299, 301], 5)).item()
  console.log(currentDevice(), last)`

/** out[i] = f(a[i]) over N elements in units of 50. */
function map(name: string, f: (x: ReturnType<typeof load>) => ReturnType<typeof load>, flops = 1e7): Kernel {
  const [lo, hi, u, i] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('u', 'i32'), newVar('i', 'i32')]
  return {
    name, lo, hi, extent: N / 50, flops, bytes: 8 * N,
    params: [{ dtype: 'float32', length: N, access: 'read', scope: 'global' }, { dtype: 'float32', length: N, access: 'write', scope: 'global' }],
    body: [{
      s: 'for', v: u, lo: use(lo), hi: use(hi), step: 1, body: [
        { s: 'for', v: i, lo: op('mul', use(u), i32(50)), hi: op('mul', op('add', use(u), i32(1)), i32(50)), step: 1, body: [{ s: 'store', buf: 1, index: use(i), value: f(load(0, use(i), 'f32')) }] },
      ],
    }],
  }
}
const step = (kernel: number, from: number, to: number, parallel: boolean, strides?: readonly number[]): Step => ({
  kind: 'kernel', kernel, parallel,
  args: [{ slot: from }, { slot: to, ...(strides === undefined ? {} : { strides }) }],
})

/** x → 2x + 1 over and over, a loop that fills rows, and a branch on a constant flag. */
function program(parallel: boolean, flag: number): Program {
  const bytes = 4 * N
  return {
    key: `test ${parallel} ${flag} ${Math.random()}`,
    kernels: [map('grow', (x) => op('add', op('mul', x, constant('f32', 2)), constant('f32', 1))), map('half', (x) => op('mul', x, constant('f32', 0.5))), map('small', (x) => op('neg', x), 1)],
    slots: [
      { kind: 'input', index: 0, bytes }, { kind: 'output', index: 0, bytes: 3 * bytes }, { kind: 'temp', offset: 0, bytes }, { kind: 'temp', offset: 20480, bytes },
      { kind: 'const', data: Uint8Array.of(flag), bytes: 1 }, { kind: 'output', index: 1, bytes },
    ],
    steps: [
      step(0, 0, 2, parallel), step(1, 2, 3, parallel), step(2, 3, 2, false), step(0, 2, 3, parallel),
      { kind: 'loop', count: 3, body: [step(0, 3, 2, parallel), step(1, 2, 3, parallel), step(1, 3, 1, parallel, [4 * N])] },
      { kind: 'if', flag: { slot: 4 }, then: [step(1, 0, 5, parallel)], else: [step(2, 0, 5, false)] },
    ],
    inputs: [{ dtype: 'float32', length: N }], outputs: [{ dtype: 'float32', length: 3 * N }, { dtype: 'float32', length: N }], arenaBytes: 40960,
  }
}

function run(p: Program, options: NativeRuntimeOptions, times = 1): Float32Array[] {
  const runtime = new NativeRuntime(options)
  try {
    const executable = runtime.load(renderC(p, { lanes: 16 }))
    const at = [N, 3 * N, N].map((n) => runtime.allocate(4 * n))
    runtime.write(at[0]!, input)
    for (let i = 0; i < times; i++) runtime.run(executable, [at[0]!], at.slice(1))
    return [runtime.read(at[1]!, 'float32', 3 * N), runtime.read(at[2]!, 'float32', N)] as Float32Array[]
  } finally {
    runtime.close()
  }
}
const input = Float32Array.from({ length: N }, (_, i) => Math.sin(i))

there('programs', () => {
  test.each([1, 2, 3, 7])('steps, loops and branches on %i threads as the interpreter does them', (threads) => {
    for (const flag of [0, 1]) {
      const p = program(true, flag)
      const want = [allocate('float32', 3 * N), allocate('float32', N)]
      interpretProgram(p, [input], want)
      expect(run(p, { threads }, 50)).toEqual(want)
    }
  })
  test('threads beyond the cores, many short steps, many runtimes', () => {
    const p = program(true, 1)
    const want = run(p, { threads: 1 })
    for (let k = 0; k < 5; k++) expect(run(p, { threads: 16 }, 20)).toEqual(want)
  })
  test('an unbound buffer, a closed runtime and a bad number of threads are typed errors', () => {
    const runtime = new NativeRuntime({ threads: 1 })
    const executable = runtime.load(renderC(program(false, 0), { lanes: 16 }))
    expect(() => runtime.run(executable, [], [])).toThrow(/native: input 0 is not bound/)
    runtime.close()
    expect(() => runtime.run(executable, [], [])).toThrow(/closed/)
    expect(() => new NativeRuntime({ threads: 0 })).toThrow(/from 1 to 64/)
  })
  test.skipIf(availableParallelism() < 2)('units are compiled at once, and give what one gives', () => {
    const p = program(true, 1)
    const whole = renderC(p, { lanes: 16 })
    const image = renderC(p, { lanes: 16, unit: 100 })
    expect(whole.units).toBeUndefined()
    expect(image.units!.length).toBeGreaterThan(2)
    const of = (given: typeof image): Float32Array => {
      const runtime = new NativeRuntime({ threads: 2 })
      try {
        const at = [N, 3 * N, N].map((n) => runtime.allocate(4 * n))
        runtime.write(at[0]!, input)
        runtime.run(runtime.load(given), [at[0]!], at.slice(1))
        return runtime.read(at[1]!, 'float32', 3 * N) as Float32Array
      } finally {
        runtime.close()
      }
    }
    // A source that no compiler takes: it is the units that run.
    expect(of({ ...image, source: `no C ${Math.random()}` })).toEqual(of(whole))
    // Units that no compiler takes: the source does it all.
    expect(of({ ...image, source: `${image.source}// ${Math.random()}`, units: ['no', 'C'] })).toEqual(of(whole))
  })
  test('C that does not compile says what the compiler says', () => {
    const runtime = new NativeRuntime({ threads: 1 })
    expect(() => runtime.load({ ...renderC(program(false, 0), { lanes: 16 }), source: 'int x = ;' })).toThrow(/native: .* failed: .*error/)
    runtime.close()
  })
})

there('memory', () => {
  test('values come back as they went in; freed memory is used again', () => {
    const runtime = new NativeRuntime({ threads: 1 })
    const data = Int32Array.from({ length: 1000 }, (_, i) => i * i)
    const first = runtime.allocate(4000)
    expect(first % 64).toBe(0)
    runtime.write(first, data)
    expect(runtime.read(first, 'int32', 1000)).toEqual(data)
    runtime.free(first)
    expect(runtime.allocate(4000)).toBe(first)
    expect(() => runtime.free(12345)).toThrow(/not allocated/)
    const large = runtime.allocate(200 * 2 ** 20)
    runtime.write(large + 199 * 2 ** 20, data)
    runtime.free(large)
    runtime.close()
  })
  test('more than there is: a typed error', () => {
    const runtime = new NativeRuntime({ threads: 1, maxBytes: 64 * 2 ** 20 })
    expect(() => runtime.allocate(65 * 2 ** 20)).toThrow(/native: out of memory: 65.0 MiB asked for/)
    runtime.allocate(2 ** 20)
    runtime.close()
  })
})

there('the cache on disk', () => {
  let folder = ''
  const before = process.env.GRADUS_CACHE
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradus-test-'))
    process.env.GRADUS_CACHE = folder
  })
  afterEach(() => {
    if (before === undefined) delete process.env.GRADUS_CACHE
    else process.env.GRADUS_CACHE = before
    rmSync(folder, { recursive: true, force: true })
  })
  const files = (): string[] => readdirSync(join(folder, 'native')).map((f) => join(folder, 'native', f))
  const times = (): number[] => files().map((f) => statSync(f).mtimeMs)

  test('a program is compiled once; damaged and half-written files are made anew', () => {
    const p = program(false, 1)
    const want = run(p, { threads: 1 })
    expect(files().length).toBe(2) // the runtime and the program
    const written = times()
    run(p, { threads: 1 })
    expect(times()).toEqual(written)
    for (const f of files()) {
      const bytes = readFileSync(f)
      for (const damaged of [bytes.subarray(0, bytes.length / 2), Buffer.alloc(0), Buffer.from(bytes).fill(0, 100, 5000)]) {
        // A loaded library must not change under its process: another file takes its name.
        rmSync(f)
        writeFileSync(f, damaged)
        expect(run(p, { threads: 1 })).toEqual(want)
        expect(readFileSync(f)).toEqual(bytes)
      }
    }
    expect(files().length).toBe(2)
  })
  test('four processes at once, each ending by itself although its threads wait for work', async () => {
    const script = join(root, '.cache', `native-${process.pid}.mjs`)
    await build({
      stdin: { contents: PROCESS, resolveDir: join(root, 'src'), loader: 'ts' },
      bundle: true, platform: 'node', format: 'esm', outfile: script, logLevel: 'silent',
    })
    try {
      const ends = await Promise.all([1, 2, 3, 4].map(() => new Promise<string>((resolve) => {
        execFile(process.execPath, [script], { timeout: 50_000 }, (error, out, err) => resolve(error === null ? out : `${error.message} ${err}`))
      })))
      expect(ends).toEqual(['native 1496\n', 'native 1496\n', 'native 1496\n', 'native 1496\n'])
      expect(readdirSync(join(folder, 'native')).filter((f) => f.startsWith('.'))).toEqual([])
    } finally {
      rmSync(script, { force: true })
    }
  })
  test('what dead processes left behind goes', () => {
    mkdirSync(join(folder, 'native'), { recursive: true })
    const left = join(folder, 'native', '.left.so.1.x')
    writeFileSync(left, 'x')
    utimesSync(left, 1, 1)
    // The folder is looked through now and then: at the latest after 32 new programs.
    const runtime = new NativeRuntime({ threads: 1 })
    for (let i = 0; i < 33; i++) runtime.load({ ...renderC(program(false, 0), { lanes: 16 }), source: `__attribute__((visibility("default"))) void gradus_main(void *t, char *const *s) { (void)${i}; }\n` })
    runtime.close()
    expect(files()).not.toContain(left)
  })
  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written: programs run all the same', () => {
    chmodSync(folder, 0o500)
    expect(run(program(false, 1), { threads: 1 }).length).toBe(2)
    chmodSync(folder, 0o700)
  })
})

describe('without a compiler', () => {
  const before = { CC: process.env.CC, PATH: process.env.PATH }
  afterEach(() => {
    for (const name of ['CC', 'PATH'] as const) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })
  test('no cc, gcc or clang in PATH', () => {
    delete process.env.CC
    process.env.PATH = ''
    expect(() => findCompiler()).toThrow(/native: no C compiler was found: expected cc, gcc or clang, received cc: not found; gcc: not found; clang: not found\. Install gcc or clang/)
    expect(nativeProblem()).toMatch(/apt install gcc/)
  })
  test('a CC that does not exist is not replaced silently', () => {
    process.env.CC = '/nonexistent'
    expect(() => findCompiler()).toThrow(/expected \$CC \(\/nonexistent\) to work, received \/nonexistent: not found/)
  })
  test.skipIf(process.platform !== 'linux')('a compiler that is killed is said to be; Ctrl-C does not reach it: it has a group of its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradus-cc-'))
    const script = join(folder, 'cc')
    const compile = (body: string): void => {
      writeFileSync(script, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
      runCompiler({ command: script, flags: [] } as never, '', join(folder, 'out'), [])
    }
    try {
      expect(() => compile('kill -9 $$')).toThrow(/cc failed: ended by SIGKILL/)
      const group = (stat: string): string => stat.slice(stat.lastIndexOf(')')).split(' ')[3]! // proc(5)
      compile(`cat /proc/self/stat > ${join(folder, 'stat')}`)
      expect(group(readFileSync(join(folder, 'stat'), 'utf8'))).not.toBe(group(readFileSync('/proc/self/stat', 'utf8')))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('a CC that is no compiler', () => {
    process.env.CC = 'false'
    expect(() => findCompiler()).toThrow(/no C compiler was found/)
  })
})
