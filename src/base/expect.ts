// What public functions ask of their arguments before they look into them, so that a wrong call is told by its name and
// not by a TypeError from inside. Each guard returns what it was given; tensors have theirs in src/tensor (`tensorOf`).
import { ValueError } from './errors.ts'

/** What a value is, for messages: long texts and lists cut short. */
export function describeValue(x: unknown, depth = 2): string {
  if (typeof x === 'function') return 'a function'
  if (typeof x === 'string') return JSON.stringify(x.length > 40 ? `${x.slice(0, 40)}…` : x)
  if (typeof x !== 'object' || x === null) return String(x)
  if (Array.isArray(x)) return `[${depth > 0 ? x.slice(0, 6).map((v) => describeValue(v, depth - 1)).join() : ''}${depth > 0 && x.length <= 6 ? '' : '…'}]`
  return x instanceof Promise ? 'a promise' : 'ndim' in x ? String(x) : 'an object'
}

/** Any argument: what it is, unless it does not fit. */
export function argumentOf<T>(operation: string, fits: boolean, name: string, wanted: string, x: T): T {
  if (!fits) throw new ValueError(operation, `bad ${name}`, { expected: wanted, received: describeValue(x) })
  return x
}

/** An object of named options; `wanted` says which, where some are needed. */
export const optionsOf = <T>(operation: string, x: T, wanted = 'an object'): T => argumentOf(operation, typeof x === 'object' && x !== null && !Array.isArray(x), 'options', wanted, x)
/** An object with fields of its own, such as a model or a data set: `wanted` says what, `has` names a field or method it must have. */
export const objectOf = <T>(operation: string, name: string, x: T, wanted: string, has?: string): T => argumentOf(operation, typeof x === 'object' && x !== null && (has === undefined || has in x), name, wanted, x)
/** An array, or a typed one. */
export const listOf = <T>(operation: string, name: string, x: T, wanted = 'a list'): T => argumentOf(operation, Array.isArray(x) || ArrayBuffer.isView(x), name, wanted, x)
export const functionOf = <T>(operation: string, x: T, name = 'function'): T => argumentOf(operation, typeof x === 'function', name, 'a function', x)
export const textOf = <T>(operation: string, name: string, x: T): T => argumentOf(operation, typeof x === 'string', name, 'a text', x)
export const bytesOf = <T>(operation: string, x: T, name = 'bytes'): T => argumentOf(operation, x instanceof Uint8Array, name, 'a Uint8Array', x)
/** Numbers with their type and shape (an NDArray). */
export const arrayOf = <T>(operation: string, name: string, x: T): T => {
  const { dtype, shape, data } = objectOf(operation, name, x, ARRAY) as { dtype?: unknown; shape?: unknown; data?: unknown }
  return argumentOf(operation, typeof dtype === 'string' && Array.isArray(shape) && ArrayBuffer.isView(data), name, ARRAY, x)
}
const ARRAY = 'an array { dtype, shape, data }'
