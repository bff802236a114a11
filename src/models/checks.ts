// What the lecture's networks ask of their arguments: finite numbers, bits, lengths. Throws typed errors.
import { ShapeError, ValueError, listOf, objectOf } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'

/** A 0 or a 1. */
export type Bit = 0 | 1

export function checkNumber(operation: string, name: string, value: number): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new ValueError(operation, `${name} is not a finite number`, { expected: 'a finite number', received: show(value) })
  }
}

/** Finite numbers, `length` of them where it is given. */
export function checkVector(operation: string, name: string, values: readonly number[], length?: number): void {
  if (!Array.isArray(values)) throw new ValueError(operation, `${name} is not a list of numbers`, { expected: 'an array', received: show(values) })
  if (length !== undefined && values.length !== length) {
    throw new ShapeError(operation, `${name} has another length`, { expected: `${length} numbers`, received: String(values.length) })
  }
  for (let i = 0; i < values.length; i++) checkNumber(operation, `${name}[${i}]`, values[i]!)
}

/** Rows of one length (`columns` where it is given). */
export function checkMatrix(operation: string, name: string, rows: readonly (readonly number[])[], columns?: number): void {
  if (!Array.isArray(rows)) throw new ValueError(operation, `${name} is not a list of rows`, { expected: 'an array of arrays', received: show(rows) })
  const width = columns ?? rows[0]?.length
  for (let i = 0; i < rows.length; i++) checkVector(operation, `${name}[${i}]`, rows[i]!, width)
}

export function checkBits(operation: string, name: string, values: readonly number[], length?: number): void {
  checkVector(operation, name, values, length)
  const at = values.findIndex((v) => v !== 0 && v !== 1)
  if (at >= 0) throw new ValueError(operation, `${name}[${at}] is no bit`, { expected: '0 or 1', received: String(values[at]) })
}

export function checkCount(operation: string, name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ValueError(operation, `bad ${name}`, { expected: `a whole number from ${least} to ${most}`, received: show(value) })
  }
}

export function checkPositive(operation: string, name: string, value: number): void {
  checkNumber(operation, name, value)
  if (value <= 0) throw new ValueError(operation, `${name} is not positive`, { expected: 'a number above 0', received: String(value) })
}

/** Something with weights; they may have grown beyond all numbers. */
export function checkNeuron(operation: string, neuron: { readonly weights: readonly number[] }): void {
  listOf(operation, 'weights', objectOf(operation, 'neuron', neuron, 'a neuron { weights, bias }', 'weights').weights)
}

/** Points of one dimension with a label 0 or 1 each; at least one of them. */
export function checkExamples(operation: string, points: readonly (readonly number[])[], labels: readonly number[]): void {
  if (!Array.isArray(points) || points.length === 0) {
    throw new ValueError(operation, 'no data', { expected: 'at least one example', received: Array.isArray(points) ? '0' : show(points) })
  }
  checkMatrix(operation, 'points', points)
  checkBits(operation, 'labels', labels, points.length)
}

const show = (value: unknown): string => (value === null ? 'null' : typeof value === 'number' ? String(value) : Array.isArray(value) ? 'an array' : typeof value)

/** Refuses token numbers that are no (B, T) of integers, or longer than a model's table of positions. */
export function requireContext(operation: string, tokens: Tensor, longest: number): void {
  const fits = tokens.ndim === 2 && !tokens.dtype.startsWith('float') && tokens.dtype !== 'bool' && tokens.shape[1]! <= longest
  if (!fits) throw new ShapeError(operation, 'the tokens do not fit', { expected: `int32 [B, T], T ≤ ${longest}`, received: String(tokens), remedy: 'Cut the sequence, or build the model with a longer context.' })
}
