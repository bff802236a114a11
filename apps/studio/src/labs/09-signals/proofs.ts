// The second way to the lab's numbers: the sum term by term, and φ of it in plain arithmetic.
import type { Check } from '../../core/proof.ts'
import { potential } from './model.ts'

type Layer = { readonly weights: readonly (readonly number[])[]; readonly biases: readonly number[] }
export const potentialCheck = ({ weights, biases }: Layer, fed: readonly number[], at: number): Check => ({ check: () => potential(weights, biases, fed, at), tolerance: 1e-9 })
export const answerCheck = (layer: Layer, fed: readonly number[], at: number, phi: (z: number) => Promise<number>): Check => ({ check: () => phi(potential(layer.weights, layer.biases, fed, at)), tolerance: 1e-9, floor: 1e-6 })
