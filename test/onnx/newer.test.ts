// Opsets 18 to 23: our importer against values of ONNX Runtime.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type NDArray, allocate } from '../../src/base/index.ts'
import { importOnnx } from '../../src/formats/index.ts'
import { type ElementType, TYPES } from '../../src/formats/onnx/element-type.ts'
import { readNow, tensor } from '../../src/tensor/index.ts'
import { compareArrays } from '../support/compare.ts'
import { uniformOf } from '../support/formula.ts'
import { buildModel } from './build.ts'
import { type NewerCase, newerCases } from './newer.ts'
import { missing, openSession } from './runtime.ts'

const file = new URL('../golden/onnx-newer.json', import.meta.url)
interface Golden {
  readonly shape: readonly number[]
  readonly values: readonly (number | string)[]
}
const golden = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, readonly Golden[]>
const write = process.env.GRADUS_GOLDEN === '1' && missing === null

/** Numbers for x: quarters from −8 to 8, or what a small type holds. */
function given({ model }: NewerCase): { type: ElementType; shape: readonly number[]; data: number[] } {
  const [type, shape] = Object.values(model.inputs)[0]!
  const u = [...uniformOf('x', shape.reduce((n, d) => n * d, 1))]
  const { kind, low } = TYPES[type]
  return { type, shape, data: u.map((v) => (kind === 'bool' ? +(v > 0.3) : kind === 'float' ? Math.round(v * 64) / 32 : Math.round((low < 0 ? v : (v + 1) / 2) * 100))) }
}
function inputOf(c: NewerCase): NDArray {
  const { type, shape, data } = given(c)
  const dtype = TYPES[type].dtype!
  const out = allocate(dtype, data.length)
  out.set(data)
  return { dtype, shape, data: out }
}

test('each case has a name of its own', () => expect(new Set(newerCases.map((c) => c.name)).size).toBe(newerCases.length))

test.skipIf(!write)('golden values are written', async () => {
  const out: Record<string, Golden[]> = {}
  for (const c of newerCases) {
    const { type, shape, data } = given(c)
    try {
      const run = await openSession(buildModel(c.model))
      const results = await run([{ dtype: type as never, shape, data: (TYPES[type].allocate(0).constructor as unknown as { from(list: number[]): never }).from(data) }])
      out[c.name] = results.map((r) => ({ shape: r.shape, values: Array.from(r.data as ArrayLike<number>, (v) => (Number.isFinite(Number(v)) ? Number(v) : String(v))) }))
    } catch (error) {
      process.stdout.write(`${c.name}: ${(error as Error).message.slice(0, 300)}\n`)
    }
  }
  writeFileSync(file, `${JSON.stringify(out).replaceAll('],"', '],\n"')}\n`)
})

test.each(newerCases.map((c) => [c.name, c] as const))('%s', (name, c) => {
  const want = golden[name]
  if (want === undefined) throw new Error('no golden values')
  const x = inputOf(c)
  const got = importOnnx(buildModel(c.model))(tensor(x.data, { dtype: x.dtype, shape: x.shape }))
  expect(got.length).toBe(want.length)
  want.forEach(({ shape, values }, i) => {
    const array = { dtype: got[i]!.dtype, shape: got[i]!.shape, data: readNow(got[i]!) }
    const expected = allocate(array.dtype, values.length)
    expected.set(values.map(Number))
    expect(compareArrays(array, { dtype: array.dtype, shape, data: expected }, { rtol: 1e-4, atol: 1e-5 })).toBeNull()
  })
})
