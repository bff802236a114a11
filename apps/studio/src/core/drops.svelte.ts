// Files dropped anywhere on a lab's page: what the lab on it takes, and which part of it takes these.
import type { DroppedFile } from './network-file.ts'

export type DropKind = 'state' | 'table' | 'network'
interface Taker {
  readonly kind: DropKind
  readonly take: (files: readonly File[]) => void | Promise<void>
}
export type Dropped = File

let takers = $state.raw<readonly Taker[]>([])
/** A part of the page takes such files until the returned function is called. */
export function takeDrops(taker: Taker): () => void {
  takers = [...takers, taker]
  return () => { takers = takers.filter((one) => one !== taker) }
}
const KINDS: readonly DropKind[] = ['network', 'table', 'state']
/** What can be dropped on the page as it is. */
export const dropKinds = (): readonly DropKind[] => KINDS.filter((kind) => takers.some((taker) => taker.kind === kind))

const ext = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase()
const OF: Readonly<Record<string, DropKind>> = { csv: 'table', tsv: 'table', txt: 'table', onnx: 'network', safetensors: 'network' }
/** What files are, by their names; a single JSON file by how it begins: a state of Studio says so. */
async function kindOf(files: readonly File[]): Promise<DropKind | null> {
  const known = files.map(({ name }) => OF[ext(name)]).find((kind) => kind !== undefined)
  if (known !== undefined || !files.some(({ name }) => ext(name) === 'json')) return known ?? null
  return files.length === 1 && /^\s*\{\s*"studio"/.test(await files[0]!.slice(0, 200).text()) ? 'state' : 'network'
}
/** Gives the files to the part of the page that takes such; false: there is none. JSON that no network reader waits for goes to the reader of states. */
export async function hand(files: readonly File[]): Promise<boolean> {
  const kind = await kindOf(files)
  const of = (wanted: DropKind | null): Taker | undefined => takers.findLast((taker) => taker.kind === wanted)
  const taker = of(kind) ?? (files.every(({ name }) => ext(name) === 'json') ? of('state') : undefined)
  await taker?.take(files)
  return taker !== undefined
}

/** Files of a drop; those of a folder one level deep, as `gradus train` writes it. */
export async function filesOf(transfer: DataTransfer): Promise<readonly File[]> {
  const plain = [...transfer.files]
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  return entries.length === 0 ? plain : (await Promise.all(entries.map(ofEntry))).flat()
}
async function ofEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const inside: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail)) // a hundred at a time
    if (some.length === 0 || inside.length > 500) break
    inside.push(...some)
  }
  return (await Promise.all(inside.filter((one) => one.isFile).map(ofEntry))).flat()
}
const LARGEST = 300e6
/** The bytes of what may be a network; an optimiser's state is read only where there is nothing else. */
export async function contentsOf(files: readonly File[]): Promise<readonly DroppedFile[]> {
  const wanted = files.filter(({ name, size }) => size <= LARGEST && !name.includes('.training.'))
  return Promise.all((wanted.length > 0 ? wanted : files).slice(0, 50).map(async (f) => ({ name: f.name, bytes: new Uint8Array(await f.slice(0, LARGEST + 1).arrayBuffer()) })))
}
