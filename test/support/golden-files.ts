// The small files in test/golden/formats, by the libraries that define the formats, and the values they hold.
import { readFileSync } from 'node:fs'

const folder = new URL('../golden/formats/', import.meta.url)

export const goldenFile = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(name, folder)))

/** Models in test/golden/keras, saved by Keras. */
export const kerasFile = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../keras/${name}`, folder)))

interface Values {
  readonly shape: number[]
  readonly data: number[]
}
const all = JSON.parse(readFileSync(new URL('values.json', folder), 'utf8')) as Record<string, Record<string, { shape: number[]; data: (number | string)[] }>>

export const goldenValues = (name: string): ReadonlyMap<string, Values> =>
  new Map(Object.entries(all[name]!).map(([tensor, { shape, data }]) => [tensor, { shape, data: data.map(Number) }]))

export const plainNumbers = (data: ArrayLike<number>): number[] => Array.from(data)
