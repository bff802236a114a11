// Arrays that callers hand over: checked, with the caller's operation and their own name in errors.
import { type NDArray, objectOf } from '../../base/index.ts'
import { type RawArray, rawOf, storedAs } from './element-types.ts'

/** By name. */
export type Arrays = Readonly<Record<string, NDArray | RawArray>> | ReadonlyMap<string, NDArray | RawArray>

export function entriesOf<T>(operation: string, what: string, given: Readonly<Record<string, T>> | ReadonlyMap<string, T>): [string, T][] {
  objectOf(operation, what, given, `${what} by name`)
  return given instanceof Map ? [...(given as ReadonlyMap<string, T>)] : Object.entries(given as Readonly<Record<string, T>>)
}

/** An engine's array or a file's elements as elements, as many as the shape says. */
export function elementsOf(operation: string, name: string, array: NDArray | RawArray): RawArray {
  objectOf(operation, name, array, 'an array { dtype, shape, data } or { type, shape, bytes }')
  return 'bytes' in array ? rawOf(operation, name, array) : storedAs(operation, name, array)
}
