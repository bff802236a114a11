// Parts of a file as memory: `mmap` of the C library, through koffi. What is not looked at is not read from the disk, and
// processes that map one file share its pages. Each part is a mapping of its own and is given back when nobody can see it any more.
import { FormatError, nodeModule, requirePackage } from '../../base/index.ts'

/** Smaller parts are read: a mapping takes whole pages and a call of the system. */
const LEAST = 64 * 1024
/** A multiple of every system's page size. */
const PAGES = 64 * 1024
/** Systems allow some 65 000 mappings a process, and end it when V8 gets none: beyond this many parts are read. */
const MOST = 16_384
const [PROT_READ_WRITE, MAP_PRIVATE] = [3, 2]
/** No room in the swap file is set aside for pages that may be written to. */
const MAP_NORESERVE: Partial<Record<NodeJS.Platform, number>> = { linux: 0x4000, darwin: 0x40 }
const WIDE = ['x64', 'arm64', 'riscv64', 'ppc64', 'loong64']

type Address = bigint
interface Koffi {
  load(path: null): { func(declaration: string): (...args: unknown[]) => unknown }
  view(address: Address, length: number): ArrayBuffer
  errno(): number
}
interface Memory {
  map(handle: number, at: number, length: number): { readonly address: Address; readonly buffer: ArrayBuffer } | { readonly problem: string }
  unmap(address: Address, length: number): void
  /** The longest view the engine allows: 4 GiB in Node 20. */
  readonly most: number
}

let memory: Memory | undefined
let living = 0
/** Mappings whose buffer is gone. The file may be closed before: a mapping does not need it. */
const gone = new FinalizationRegistry<{ readonly address: Address; readonly length: number }>(({ address, length }) => {
  memory!.unmap(address, length)
  living--
})

/** Maps parts of the open file `handle`; undefined: this part is better read. */
export type Mapper = (handle: number, offset: number, length: number) => Uint8Array | undefined

/**
 * The mapper for a file. Its parts may be written to: that changes neither the file nor what others see.
 *
 * @throws FormatError where files cannot be mapped: on Windows, without koffi; and, when it maps, for a system that refuses.
 */
export function mapperOf(operation: string, path: string): Mapper {
  const refuse = (problem: string, received?: string): FormatError => new FormatError(operation, `${path}: ${problem}`, { ...(received === undefined ? {} : { received }), remedy: 'Or leave out { map: true }: then each tensor is read.' })
  memory ??= findMemory(refuse)
  const { map, unmap, most } = memory
  return (handle, offset, length) => {
    if (length < LEAST || length > most - PAGES || living >= MOST) return undefined
    const begin = offset - (offset % PAGES)
    const whole = offset - begin + length
    const made = map(handle, begin, whole)
    if ('problem' in made) throw refuse('the system does not map it', made.problem)
    const { address, buffer } = made
    try {
      // what takes the memory out of its buffer would leave it without its keeper
      for (const name of ['transfer', 'transferToFixedLength']) Object.defineProperty(buffer, name, { value: refuseTransfer })
      gone.register(buffer, { address, length: whole })
    } catch (error) {
      unmap(address, whole)
      throw error
    }
    living++
    return new Uint8Array(buffer, offset - begin, length)
  }
}

function refuseTransfer(): never {
  throw new TypeError('the memory of a mapped file cannot be transferred: copy it with slice()')
}

function findMemory(refuse: (problem: string, received?: string) => FormatError): Memory {
  const { platform, arch } = nodeModule<NodeJS.Process>('node:process', 'map')
  const flag = MAP_NORESERVE[platform]
  if (flag === undefined || !WIDE.includes(arch)) throw refuse('files can be mapped on Linux and macOS with 64 bits only', `${platform} on ${arch}`)
  const koffi = requirePackage<Koffi>('koffi', (problem) => refuse(`mapping a file needs koffi, but ${problem}. Run npm install koffi`))
  const { errno } = nodeModule<typeof import('node:os')>('node:os', 'map').constants
  const libc = koffi.load(null)
  const mmap = libc.func('void *mmap(void *address, size_t length, int protection, int flags, int handle, int64_t offset)')
  const munmap = libc.func('int munmap(void *address, size_t length)')
  const unmap = (address: Address, length: number): void => void munmap(address, length)
  return {
    unmap, most: nodeModule<typeof import('node:buffer')>('node:buffer', 'map').constants.MAX_LENGTH,
    map: (handle, at, length) => {
      const address = mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE | flag, handle, at) as Address | null
      if (address === null || BigInt.asIntN(64, address) === -1n) {
        const code = koffi.errno()
        return { problem: Object.entries(errno).find(([, number]) => number === code)?.[0] ?? `error ${code}` }
      }
      try {
        return { address, buffer: koffi.view(address, length) }
      } catch (error) {
        unmap(address, length)
        return { problem: (error as Error).message }
      }
    },
  }
}
