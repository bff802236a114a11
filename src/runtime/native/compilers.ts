// Several translation units compiled at once: as many compilers as there are cores, started by one shell and waited for
// together, because this thread can wait for one process only.
import { type Compiler, alone, ownLink, words } from './compiler.ts'
import { host } from './host.ts'

/** Compiles the units to one library; false where that does not work here, or there is one core: one compiler does it all then, and says what is wrong. */
export function runCompilers({ command, flags }: Compiler, units: readonly string[], out: string): boolean {
  const { child, fs, os, path, process } = host()
  const groups = grouped(units, os.availableParallelism())
  if (groups.length < 2) return false
  let folder: string | null = null
  try {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gradus-units-'))
    const lines: string[] = []
    groups.forEach((group, g) => {
      const files = group.map((unit, i) => {
        const name = `u${g}_${i}`
        fs.writeFileSync(path.join(folder!, `${name}.c`), units[unit]!)
        return name
      })
      // one core's units, one after the other
      lines.push(`(${files.map((name) => `"$@" -c -o ${name}.o ${name}.c`).join(' && ')}) & p${g}=$!`)
    })
    lines.push('failed=0', ...groups.map((_, g) => `wait $p${g} || failed=1`), '[ $failed = 0 ] || exit 1', `"$@" -o '${RESULT}' u*.o ${ownLink(process.platform).join(' ')}`)
    const { status } = child.spawnSync('sh', ['-c', lines.join('\n'), 'sh', ...words(command), ...flags], { cwd: folder, stdio: 'ignore', ...alone })
    if (status !== 0) return false
    fs.copyFileSync(path.join(folder, RESULT), out)
    return true
  } catch {
    return false
  } finally {
    if (folder !== null) fs.rmSync(folder, { recursive: true, force: true })
  }
}

const RESULT = 'whole.so'

/** Units (their numbers) for so many cores, each with about as much to compile. */
function grouped(units: readonly string[], cores: number): number[][] {
  const groups = Array.from({ length: Math.min(cores, units.length) }, () => ({ length: 0, units: [] as number[] }))
  const byLength = units.map((text, unit) => ({ unit, length: text.length })).sort((a, b) => b.length - a.length)
  for (const { unit, length } of byLength) {
    const least = groups.reduce((a, b) => (b.length < a.length ? b : a))
    least.length += length
    least.units.push(unit)
  }
  return groups.map((g) => g.units)
}
