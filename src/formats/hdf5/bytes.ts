// The bytes of an HDF5 file as its structures are read from them: every place is checked, every structure counted.
import type { Fault } from '../fault.ts'

/** Structures of any kind in a file: messages, entries of groups, objects of heaps. Real models have some thousands. */
const MAX_PARTS = 100_000

export class Hdf5Bytes {
  readonly bytes: Uint8Array
  readonly fault: Fault
  private readonly view: DataView
  /** What is being read, for errors. */
  private what = 'superblock'
  private parts = 0
  constructor(bytes: Uint8Array, fault: Fault) {
    this.bytes = bytes
    this.fault = fault
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  /** Begins a structure of at least `size` bytes. */
  begin(what: string, at: number, size: number): void {
    this.what = what
    if (++this.parts > MAX_PARTS) throw this.fault('its HDF5 has too many parts', { expected: `at most ${MAX_PARTS}` })
    this.room(at, size)
  }
  private room(at: number, size: number): void {
    if (!(Number.isSafeInteger(at) && at >= 0 && size >= 0 && at + size <= this.bytes.length)) {
      throw this.fault(`its HDF5: ${this.what} goes beyond the end of the file`, { expected: `at most ${this.bytes.length} bytes`, received: `${size} bytes at ${at}` })
    }
  }
  bad(problem: string, received: string | number): Error {
    return this.fault(`its HDF5: ${this.what} ${problem}`, { received: String(received) })
  }
  u8(at: number): number {
    this.room(at, 1)
    return this.view.getUint8(at)
  }
  u16(at: number): number {
    this.room(at, 2)
    return this.view.getUint16(at, true)
  }
  u32(at: number): number {
    this.room(at, 4)
    return this.view.getUint32(at, true)
  }
  /** A size, a count or an address; −1: all bits set, which says that there is none. */
  u64(at: number): number {
    this.room(at, 8)
    const value = this.view.getBigUint64(at, true)
    if (value === 0xffffffffffffffffn) return -1
    if (value > 9007199254740991n) throw this.bad('has a number that no file needs', String(value))
    return Number(value)
  }
  slice(at: number, size: number): Uint8Array {
    this.room(at, size)
    return this.bytes.subarray(at, at + size)
  }
  text(at: number, size: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.slice(at, size))
    } catch (error) {
      if (error instanceof TypeError) throw this.bad('has text that is not UTF-8', `${size} bytes at ${at}`)
      throw error
    }
  }
  /** The four letters that begin a structure. */
  signature(at: number, letters: string): void {
    for (let i = 0; i < 4; i++) if (this.u8(at + i) !== letters.charCodeAt(i)) throw this.bad(`does not begin with ${letters}`, `byte ${at}`)
  }
  version(at: number, ...allowed: readonly number[]): number {
    const version = this.u8(at)
    if (!allowed.includes(version)) throw this.fault(`its HDF5: ${this.what} of a version that is not supported`, { expected: allowed.join(' or '), received: String(version) })
    return version
  }
}
export const padded = (n: number): number => Math.ceil(n / 8) * 8
