import { expect, test } from 'vitest'
import { form as signalsForm, initial as signals } from '../labs/09-signals/model.ts'
import { form as backpropForm, initial as backprop } from '../labs/17-backprop/model.ts'
import { form as playgroundForm, initial as playground } from '../labs/19-playground/model.ts'
import { FILE_LIMIT, StateFileFault, jsonFault, readState, writeState } from './state-file.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
function faultOf(read: () => unknown): StateFileFault {
  try {
    read()
  } catch (error) {
    if (error instanceof StateFileFault) return error
    throw error
  }
  throw new Error('it was accepted')
}
const open = (text: string): unknown => readState('net.json', bytes(text), 'signals', signalsForm)

test('states of labs 9, 17 and 19 come back as they were, with weights of one\'s own', () => {
  const net = { ...signals, x: [0.1, -1 / 3, 2, 0], picked: [2, 0] }
  expect(readState('a.json', bytes(writeState('signals', net)), 'signals', signalsForm)).toEqual(net)
  const step = { ...backprop, w: [[1 / 3, -0.6], [0.4, 1e-7]], step: 3, updates: 12 }
  expect(readState('a.json', bytes(writeState('backprop', step)), 'backprop', backpropForm)).toEqual(step)
  const play = { ...playground, set: 'own' as const, own: [{ x: 1, y: 2, c: 0 as const }, { x: -1, y: 0.5, c: 1 as const }], hidden: [1], start: [{ w: [[0.1], [0.2]], b: [0] }, { w: [[3]], b: [-1] }], seen: 40 }
  expect(readState('a.json', bytes(writeState('playground', play)), 'playground', playgroundForm)).toEqual(play)
})

test('a file that does not fit is told with what and where', () => {
  expect(faultOf(() => open(writeState('backprop', backprop)))).toMatchObject({ problem: 'lab', file: 'net.json', place: 'lab', expected: 'signals', received: 'backprop' })
  expect(faultOf(() => open(writeState('signals', { ...signals, x: [1, 2, 'three', 4] })))).toMatchObject({ problem: 'form', place: 'x[2]', shape: { wanted: { kind: 'number', min: -10, max: 10 }, found: { json: '"three"' } } })
  expect(faultOf(() => open(writeState('signals', { ...signals, x: [1, 2] })))).toMatchObject({ problem: 'form', place: 'x', shape: { wanted: { kind: 'list', min: 4, max: 4 } } })
  expect(faultOf(() => open(writeState('signals', undefined)))).toMatchObject({ problem: 'form', place: 'state', shape: { found: { kind: 'nothing' } } })
  expect(faultOf(() => open('{"tensors": {}, "activation": "relu"}'))).toMatchObject({ problem: 'other', received: 'tensors, activation' })
  for (const text of ['null', '7', '[1]', '"studio"', '{}']) expect(faultOf(() => open(text)).problem).toBe('other')
  expect(faultOf(() => open('{"studio": 2, "lab": "signals"}'))).toMatchObject({ problem: 'version', expected: '1', received: '2' })
  expect(faultOf(() => readState('x', Uint8Array.of(0x7b, 0xff, 0xfe), 'signals', signalsForm)).problem).toBe('text')
  expect(faultOf(() => readState('x', new Uint8Array(FILE_LIMIT + 1), 'signals', signalsForm)).problem).toBe('large')
  expect(faultOf(() => open('{\n "studio": 1,\n "lab": signals\n}'))).toMatchObject({ problem: 'json', place: '3:9', received: 'signals' })
})

test('wherever a file is cut, the place of the cut is told', () => {
  const whole = writeState('signals', signals).trim()
  for (let n = 0; n < whole.length; n++) expect(faultOf(() => open(whole.slice(0, n))).problem, `cut at ${n}`).toBe('json')
})

test.each([
  ['', 0], ['  ', 2], ['{', 1], ['{"a" 1}', 5], ['{"a":1,}', 7], ['[1,]', 3], ['[1 2]', 3], ['[01]', 1], ['{a:1}', 1], ['[1]]', 3], ['[1}', 2], ['"a\nb"', 0], ['[+1]', 1], ['[NaN]', 1], ['{"a":1 "b":2}', 7], ['1,', 1], ['[-]', 1], ['[1.]', 1],
])('%j stops being JSON at %i', (text, at) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(jsonFault(text)).toBe(at)
})

test('what is JSON is gone through to its end', () => {
  for (const text of [writeState('playground', playground), '[[],{},"\\u00e9\\n",-0.5e+3,true,null]', ' 7 ']) expect(jsonFault(text)).toBe(text.length)
})
