// The system's C compiler: which one, what the machine it compiles for can do, and how it is called.
import { DeviceError } from '../../base/index.ts'
import { host, sha256 } from './host.ts'

export interface Compiler {
  readonly command: string
  readonly flags: readonly string[]
  /** Differs when the compiler, its version, the processor or the flags do. */
  readonly identity: string
  /** In words, for people. */
  readonly version: string
  /** 32-bit elements in a vector register. */
  readonly lanes: 4 | 8 | 16
  /** Vector registers. */
  readonly registers: 16 | 32
}

/** The machine's own instructions; compilers differ in what they call them. */
const MACHINE: readonly (readonly string[])[] = [['-march=native'], ['-mcpu=native'], []]
/**
 * -O2: vectors are explicit in the source, so that -O3 only takes longer. No instruction is fused that the source does not
 * fuse; integers wrap; memory is reused with other types; nobody looks at the flags of floating-point exceptions.
 */
const FLAGS: readonly string[] = [
  '-std=gnu11', '-w', '-pipe', '-fPIC', '-shared', '-fvisibility=hidden', '-ffp-contract=off', '-fwrapv', '-fno-strict-aliasing',
  '-fno-math-errno', '-fno-trapping-math', '-fno-stack-protector', '-fno-asynchronous-unwind-tables',
]
const REMEDY = 'Install gcc or clang (Debian, Ubuntu: apt install gcc; macOS: xcode-select --install) or set CC to one; else use the wasm device.'

const known = new Map<string, Compiler | DeviceError>()

/** The first of $CC, cc, gcc, clang that works; a typed error that says what to install when none does. */
export function findCompiler(): Compiler {
  const { process } = host()
  const { CC, PATH } = process.env
  const key = `${CC ?? ''}|${PATH ?? ''}`
  let result = known.get(key)
  if (result === undefined) known.set(key, (result = search(CC)))
  if (result instanceof DeviceError) throw result
  return result
}

function search(cc: string | undefined): Compiler | DeviceError {
  const { process } = host()
  if (process.platform === 'win32') return new DeviceError('native', 'Windows is not supported yet', { remedy: 'Use the wasm device, or Linux in WSL.' })
  const tried: string[] = []
  for (const command of cc ? [cc] : ['cc', 'gcc', 'clang']) {
    for (const machine of MACHINE) {
      const macros = ask(command, machine)
      if (typeof macros !== 'string') {
        if (!tried.includes(macros.reason)) tried.push(macros.reason)
        if (macros.absent) break
        continue
      }
      const has = (name: string): boolean => macros.includes(`#define ${name} `)
      const value = (name: string): string => new RegExp(`#define ${name} (.*)`).exec(macros)?.[1]?.replaceAll('"', '') ?? ''
      if (!has('__SIZEOF_INT128__') || value('__SIZEOF_LONG__') !== '8') {
        tried.push(`${command} compiles for a machine that is not 64 bits wide`)
        break
      }
      const old = !has('__clang__') && Number(value('__GNUC__')) < 12 // -O2 does not vectorise yet
      const flags = [...machine, old ? '-O3' : '-O2', ...FLAGS, ...(has('__AVX512F__') ? ['-mprefer-vector-width=512'] : [])]
      return {
        command, flags, identity: sha256(`${macros}|${flags.join(' ')}`).slice(0, 32), version: `${has('__clang__') ? '' : 'gcc '}${value('__VERSION__')}`,
        lanes: has('__AVX512F__') ? 16 : has('__AVX2__') ? 8 : 4,
        registers: has('__AVX512F__') || has('__aarch64__') ? 32 : 16,
      }
    }
  }
  return new DeviceError('native', 'no C compiler was found', { expected: cc ? `$CC (${cc}) to work` : 'cc, gcc or clang', received: tried.join('; ') || 'none', remedy: REMEDY })
}

/** The compiler's own macros for this machine: its version and what the processor can do. */
function ask(command: string, machine: readonly string[]): string | { readonly reason: string; readonly absent: boolean } {
  const { child } = host()
  const [program, ...first] = words(command)
  const { status, stdout, stderr, error } = child.spawnSync(program!, [...first, ...machine, '-dM', '-E', '-x', 'c', '-'], { input: '', encoding: 'utf8', timeout: 30_000 })
  if (error !== undefined) return { reason: `${program}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not found' : error.message}`, absent: true }
  if (status !== 0) return { reason: `${program} ${machine.join(' ')}: ${stderr.trim().split('\n')[0] ?? ''}`, absent: false }
  return stdout
}

/**
 * Compiles C from memory to a shared library at `out`. Without libraries of its own it finds its functions (memset, floorf)
 * in this process, which saves the linker a quarter of the time a small program takes.
 */
export function runCompiler({ command, flags }: Compiler, source: string, out: string, libraries: readonly string[]): void {
  const { child, process } = host()
  const [program, ...first] = words(command)
  const link = libraries.length > 0 ? libraries : ownLink(process.platform)
  const { status, stderr, error, signal } = child.spawnSync(program!, [...first, ...flags, '-o', out, '-x', 'c', '-', ...link], { input: source, encoding: 'utf8', maxBuffer: 1 << 26, ...alone })
  if (status === 0) return
  const lines = stderr?.trim().split('\n') ?? []
  const reason = error?.message ?? lines.find((l) => /error/i.test(l)) ?? (lines[0] || null) ?? (signal === null ? `status ${status}` : `ended by ${signal}`)
  throw new DeviceError('native', `${command} failed: ${reason}`, { remedy: /No space|Disk quota/i.test(stderr ?? '') ? 'Make room on the disk, or set GRADUS_CACHE to a folder with room.' : 'Use the wasm device, and report this.' })
}

/** Ctrl-C is for the program that waits, which then ends in good order; in a group of its own the compiler finishes first. */
export const alone: object = { detached: true }

/** What a library without libraries of its own is linked with. */
export const ownLink = (platform: string): readonly string[] => (platform === 'darwin' ? ['-lm'] : ['-nostdlib'])

/** `CC="ccache gcc"` is a program and its arguments. */
export const words = (command: string): string[] => command.trim().split(/\s+/)
