// Typed errors. Every message says: operation, what was expected, what was received, what to do.

/** Base class of every error Gradus raises on purpose. */
export class GradusError extends Error {
  override name = 'GradusError'
  readonly operation: string
  readonly expected: string | undefined
  readonly received: string | undefined
  readonly remedy: string | undefined
  constructor(operation: string, problem: string, parts: ErrorParts = {}) {
    super(compose(operation, problem, parts))
    this.operation = operation
    this.expected = parts.expected
    this.received = parts.received
    this.remedy = parts.remedy
  }
}

export interface ErrorParts {
  readonly expected?: string | undefined
  readonly received?: string | undefined
  readonly remedy?: string | undefined
}

/** Shapes that do not fit together. */
export class ShapeError extends GradusError {
  override name = 'ShapeError'
}
/** An element type the operation does not take. */
export class DTypeError extends GradusError {
  override name = 'DTypeError'
}
/** A value out of its range: an axis, an index, a probability. */
export class ValueError extends GradusError {
  override name = 'ValueError'
}
/** A derivative or transform that does not exist, or a value read where there is none yet. */
export class TransformError extends GradusError {
  override name = 'TransformError'
}
/** A device that is missing, lost, out of memory, or cannot do what was asked. */
export class DeviceError extends GradusError {
  override name = 'DeviceError'
}
/** A file or a stream of bytes that is not what it claims to be. */
export class FormatError extends GradusError {
  override name = 'FormatError'
}

function compose(operation: string, problem: string, parts: ErrorParts): string {
  let text = `${operation}: ${problem}`
  if (parts.expected !== undefined) text += `: expected ${parts.expected}`
  if (parts.received !== undefined) text += `${parts.expected === undefined ? ': ' : ', '}received ${parts.received}`
  if (!/[.!?]$/.test(text)) text += '.'
  if (parts.remedy !== undefined) text += ` ${parts.remedy}`
  return text
}
