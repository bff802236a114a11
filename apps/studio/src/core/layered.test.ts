// The network as a state: sizes as text, changes of shape, and what a damaged link is answered.
import { expect, test } from 'vitest'
import { type Net, fitted, netForm, parameterCount, parseSizes, resized, setNetBias, setNetWeight, sizesOf } from './layered.ts'

const net: Net = { layers: [{ weights: [[1, 2], [3, 4]], biases: [5, 6], activation: 'step' }, { weights: [[7], [8]], biases: [9], activation: 'step' }] }

test('sizes as text', () => {
  expect(parseSizes('4-2-1')).toEqual([4, 2, 1])
  expect(parseSizes(' 3, 2 ')).toEqual([3, 2])
  expect(parseSizes('100-28-3-1')).toEqual([100, 28, 3, 1])
  expect(parseSizes(Array(10).fill('16').join('-'))?.length).toBe(10)
  for (const bad of ['', '4', '4-', '4-0-1', '4-101-1', Array(11).fill('1').join('-'), '60-60', 'a-b', '2.5-1']) expect(parseSizes(bad)).toBeUndefined()
})
test('another size keeps what has a place', () => {
  const wider = resized(net, [3, 2, 2])
  expect(sizesOf(wider)).toEqual([3, 2, 2])
  expect(wider.layers[0]!.weights.slice(0, 2)).toEqual([[1, 2], [3, 4]])
  expect(wider.layers[1]!.biases[0]).toBe(9)
  expect(netForm(wider)).toEqual(wider)
  expect(resized(wider, [2, 2, 1])).toEqual(net)
})
test('one weight, one bias; the old network is not touched', () => {
  expect(setNetWeight(net, 0, 1, 0, -1).layers[0]!.weights).toEqual([[1, 2], [-1, 4]])
  expect(setNetBias(net, 1, 0, -1).layers[1]!.biases).toEqual([-1])
  expect(net.layers[0]!.weights).toEqual([[1, 2], [3, 4]])
})
test('layers that do not fit are refused with their place', () => {
  expect(() => netForm({ layers: [{ ...net.layers[0]!, biases: [5] }] }, 'net')).toThrow('net.layers[0].weights[0]')
  expect(() => netForm({ layers: [net.layers[0]!, { ...net.layers[1]!, weights: [[1]] }] }, 'net')).toThrow('net.layers[1].weights: expected a list of 2')
})
test('counts and lengths', () => {
  expect(parameterCount([784, 30, 10])).toBe(784 * 30 + 30 + 30 * 10 + 10)
  expect(fitted([1, 2, 3], 2)).toEqual([1, 2])
  expect(fitted([1], 3)).toEqual([1, 0, 0])
})
test('any sizes within the limits make a network of the right form; more weights than a page holds are refused', () => {
  for (const text of ['100-28-3-1', '1-1', Array(10).fill('16').join('-'), '2-100-20']) expect(sizesOf(netForm(resized(net, parseSizes(text)!))).join('-')).toBe(text)
  expect(() => netForm(resized(net, [60, 60]))).toThrow('at most 3000')
})
