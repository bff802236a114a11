// The errors of reading one file: operation, the file's name, what is wrong where, and the limit.
import { type ErrorParts, FormatError } from '../base/index.ts'

export type Fault = (problem: string, parts?: ErrorParts) => FormatError

/** `fault('the header is cut off', { expected, received })` → "safetensors: model.safetensors: the header is cut off: …". */
export const faultOf = (operation: string, file: string): Fault => (problem, parts = {}) => new FormatError(operation, `${file}: ${problem}`, parts)

/** A name out of a file, fit for a message: quoted, cut, without control characters. */
export const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text)
