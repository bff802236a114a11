// The process that reads every bad file of one loader, after a good one that warms it up, and tells what each cost it: one line
// of JSON a file. Linux resets the peak of the resident memory between files; elsewhere the peak only grows, and what was
// reached before counts for nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { BadFile } from './bad-file.ts'
import { corpus } from './corpus.ts'
import { slower } from '../fuzz/judge.ts'
import { LOADERS, type Loader, type LoaderName } from './loaders.ts'

/** What reading one file cost. */
export interface Cost {
  readonly title: string
  readonly bytes: number
  /** Milliseconds of the processor of a server of 2023 (judge.ts): the least of at most five readings. */
  readonly ms: number
  /** By how much the resident memory grew at its peak, in bytes. */
  readonly grown: number
  readonly refused: boolean
}

const resettable = existsSync('/proc/self/clear_refs')
function memory(): { now: number; peak: number } {
  if (!resettable) return { now: process.resourceUsage().maxRSS * 1024, peak: process.resourceUsage().maxRSS * 1024 }
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) * 1024
  return { now: field('VmRSS'), peak: field('VmHWM') }
}
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

async function read(loader: Loader, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    await loader.load(bytes, 'bad.bin')
    return false
  } catch {
    return true
  }
}

/** A reader as none should be: takes 120 MB and 150 ms. The measurement must see both. */
const careless: Loader = {
  load: () => {
    const all = new Uint8Array(120e6).fill(1)
    const { user } = process.cpuUsage()
    while (process.cpuUsage().user - user < 150_000 * slower());
    throw new RangeError(`${all.length}`)
  },
  seeds: () => [],
}

const name = process.argv[2]!
const loader: Loader = name === 'careless' ? careless : LOADERS[name as LoaderName]
const cases: readonly Pick<BadFile, 'title' | 'bytes'>[] = name === 'careless' ? [{ title: 'any', bytes: () => new Uint8Array(1) }] : corpus.filter((c) => c.loader === name)
for (const seed of loader.seeds().slice(0, 1)) await read(loader, new Uint8Array(seed))
for (const { title, bytes: make } of cases) {
  const bytes = new Uint8Array(make())
  collect()
  if (resettable) writeFileSync('/proc/self/clear_refs', '5')
  const before = memory()
  let [refused, ms, grown] = [false, Infinity, 0]
  for (let reading = 0; reading < 5 && ms > 100; reading++) {
    const start = process.cpuUsage()
    refused = await read(loader, bytes)
    const { user, system } = process.cpuUsage(start)
    ms = Math.min(ms, (user + system) / 1000 / slower())
    if (reading === 0) grown = memory().peak - before.now
  }
  process.stdout.write(`${JSON.stringify({ title, bytes: bytes.length, ms, grown, refused } satisfies Cost)}\n`)
}
