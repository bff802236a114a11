// Chosen tiles on disk, a file each: read by the next process. What is damaged or of another machine is not believed.
import { VERSION, findNodeModule } from '../base/index.ts'
import { cacheFolder } from './cache-folder.ts'

/** What a choice holds for: the version of Gradus, the processor, and what the device adds (engine, compiler). */
export function machineKey(device: string): string {
  const [os, process] = [findNodeModule<typeof import('node:os')>('node:os'), findNodeModule<NodeJS.Process>('node:process')]
  return `${VERSION}|${os?.arch()}|${os?.cpus()[0]?.model}|${process?.versions.v8}|${device}`
}

/** The tile that was chosen on this machine; null: none yet, or not to be believed. */
export function readTile<T extends object>(key: string, candidates: readonly T[]): T | null {
  try {
    const kept = JSON.parse(findNodeModule<typeof import('node:fs')>('node:fs')!.readFileSync(fileOf(key)!, 'utf8')) as Record<string, unknown>
    return kept.key === key ? (candidates.find((t) => Object.entries(t).every(([name, value]) => kept[name] === value)) ?? null) : null
  } catch {
    return null
  }
}

/** Keeps it. Where that is not possible the next process measures again. */
export function writeTile(key: string, tile: object): void {
  const [fs, path, process] = [findNodeModule<typeof import('node:fs')>('node:fs')!, findNodeModule<typeof import('node:path')>('node:path')!, findNodeModule<NodeJS.Process>('node:process')!]
  try {
    const file = fileOf(key)!
    const part = `${file}.${process.pid}`
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    fs.writeFileSync(part, JSON.stringify({ ...tile, key }))
    fs.renameSync(part, file) // at once: no process ever reads half of it
  } catch {
    // a disk that is full or may not be written
  }
}

function fileOf(key: string): string | null {
  const [crypto, path, folder] = [findNodeModule<typeof import('node:crypto')>('node:crypto'), findNodeModule<typeof import('node:path')>('node:path'), cacheFolder('tiles')]
  return crypto && path && folder !== null ? path.join(folder, `${crypto.createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`) : null
}
