// Every table up to three variables and some of four, row by row; polygons against the crossing rule; faults by name.
import { booleanNetwork, forwardTrace } from 'gradus/models'
import { expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { answers, build, parse, polygon } from './compute.ts'
import { PRESETS, TASK, addCorner, dropCorner, edgePotential, fewestProducts, firingSide, flip, form, holds, initial, insidePolygon, mismatches, moveCorner, rows, testPoints, typed, withTable, withVariables } from './model.ts'
import { biasCheck, countCheck, edgeOf, firesCheck, gridCheck, hiddenCheck, insideCheck, numberCheck, outputCheck, potentialCheck, rowsCheck, sideCheck, weightCheck } from './proofs.ts'

test('every function of one to three variables: the network, its products and the table agree', () => {
  for (const n of [1, 2, 3]) {
    const x = rows(n)
    for (let code = 0; code < 2 ** (2 ** n); code++) {
      const table = x.map((_, r) => (code >> r) & 1)
      const { network, products } = booleanNetwork(table)
      x.forEach((row, r) => {
        expect(products.some((p) => holds(p, row))).toBe(table[r] === 1)
        expect(forwardTrace(network, row).output[0]).toBe(table[r])
        // what the proofs say of the numbers at the edges
        products.forEach((p, k) => expect(forwardTrace(network, row).layers[0]!.z[k]).toBe(1 - mismatches(p, row)))
      })
    }
  }
})
test('the lab’s signals on tensors; constants too', async () => {
  for (const table of [...Object.values(PRESETS), [0, 0], [1, 1, 1, 1]]) {
    for (const minimise of [true, false]) {
      const got = await build(table, minimise)
      expect(got.a).toEqual(table)
      expect(got.wrong).toEqual([])
      got.z.forEach((z, r) => expect(z > 0 ? 1 : 0).toBe(table[r]))
    }
  }
  expect((await build(PRESETS.parity, true)).products.length).toBe(8)
  expect((await build(PRESETS.majority, true)).products.length).toBe(3)
  expect((await build(PRESETS.majority, false)).products.length).toBe(4)
})
test('every proof of a table’s network passes its number and refuses one a little off', async () => {
  for (const table of [PRESETS.majority, PRESETS.xor]) {
    for (const least of [true, false]) {
      const { products, hiddenZ, hidden, z, network, wrong } = await build(table, least)
      const [n, all] = [Math.log2(table.length), rows(Math.log2(table.length))]
      for (const [r, x] of all.entries()) {
        // z of the output is their sum, less what its bias takes away
        await caught(outputCheck(products, x), z[r]! - network.layers[1]!.biases[0]!, `z of ${x.join('')}`)
        for (const [k, product] of products.entries()) {
          await caught(firesCheck(product, x), hidden[r]![k]!, 'a', 1)
          await caught(hiddenCheck(product, x), hiddenZ[r]![k]!, 'z', 1)
          for (let i = 0; i < n; i++) await caught(weightCheck(hiddenZ, r, i, n, k), network.layers[0]!.weights[i]![k]!, 'w', 1)
        }
      }
      for (const k of products.keys()) await caught(biasCheck(hiddenZ, k), network.layers[0]!.biases[k]!, 'b', 1)
      await caught(rowsCheck(products, all, table, true), table.length - wrong.length, 'rows', 1)
      await caught(countCheck(table, least), products.length, 'neurons', 1)
      await caught(rowsCheck(products.slice(1), all, table, false), table.filter((y, r) => y === 1 && !products.slice(1).some((p) => holds(p, all[r]!))).length, 'rows without a product', 1)
    }
  }
})
test('a formula becomes a table; a fault says where', async () => {
  expect(await parse('x1 & !x2')).toEqual({ table: [0, 0, 1, 0], variables: ['x1', 'x2'] })
  expect(await parse('x3')).toEqual({ table: [0, 1, 0, 1, 0, 1, 0, 1], variables: ['x1', 'x2', 'x3'] })
  expect(await parse('1')).toMatchObject({ table: [1, 1] })
  expect(await parse('a | b')).toMatchObject({ table: [0, 1, 1, 1] })
  expect(await parse('x1 & (x2')).toMatchObject({ fault: 'read', at: 9 })
  for (const table of [...Object.values(PRESETS), [0, 0, 0, 0], [1, 1]]) {
    const text = typed((await build(table, true)).products)
    const back = await parse(text)
    expect('table' in back && withVariables(withTable(initial, back.table), Math.log2(table.length)).table, text).toEqual(table)
  }
  expect(await parse('a & b & c & d & e')).toMatchObject({ fault: 'variables' })
})
test('changes of the table keep its form', () => {
  expect(form(flip(initial, 0)).table[0]).toBe(1)
  expect(form(withVariables(initial, 4)).table.length).toBe(16)
  expect(form(withVariables(withTable(initial, PRESETS.parity), 1)).table.length).toBe(2)
  expect(() => form({ ...initial, n: 2 })).toThrow('table')
  expect(() => form({ ...initial, row: 9 })).toThrow('row')
})
test('a polygon, its network and the crossing rule agree everywhere', async () => {
  for (const corners of [initial.corners, [...initial.corners].reverse(), [[-1, -1], [1, -1], [1, 1], [-1, 1]], addCorner(initial, 2, -1).corners]) {
    const got = await polygon(corners)
    if (!got.ok) throw new Error(got.reason)
    const points = [...testPoints(), ...(corners as readonly (readonly number[])[])]
    const { a, out, z } = await answers(got.network, points)
    points.forEach((p, i) => {
      expect(a[i] === 1, String(p)).toBe(insidePolygon(corners, p))
      expect(out[i]! > 0).toBe(a[i] === 1)
      expect(z[i]!.every((v) => v >= 0)).toBe(a[i] === 1)
      if (i % 50 === 0) expect(z[i]).toEqual(got.faces.map((face, k) => expect.closeTo(edgePotential([got.corners[k]!, got.corners[(k + 1) % got.corners.length]!], face, p), 9)))
    })
  }
})
test('every proof of a polygon’s network passes its number and refuses one a little off', async () => {
  const got = await polygon(initial.corners)
  if (!got.ok) throw new Error(got.reason)
  const points = testPoints()
  const { a, z } = await answers(got.network, points)
  for (const i of [0, 400, 840, 1200]) {
    for (const [k, face] of got.faces.entries()) {
      await caught(potentialCheck(edgeOf(got.corners, k), face, points[i]!), z[i]![k]!, 'z', 1e-4)
      await caught(sideCheck(edgeOf(got.corners, k), face, points[i]!), z[i]![k]! >= 0 ? 1 : 0, 'a', 1)
    }
    await caught(insideCheck(initial.corners, points[i]!), a[i]!, 'inside', 1)
  }
  for (const [k, { weights, bias }] of got.faces.entries()) {
    for (const [of, value] of [['w1', weights[0]!], ['w2', weights[1]!], ['b', bias]] as const) await caught(numberCheck(async (some) => (await answers(got.network, some)).z, k, of), value, of, 1e-4)
  }
  await caught(gridCheck(got.corners, got.faces, points, a, true), points.length, 'points', 1)
  await caught(gridCheck(got.corners, got.faces, points, a.map((v, i) => (i === 7 ? 1 - v : v)), false), 1, 'points that differ', 1)
})
test('what is no convex polygon is named, with a hull to take instead', async () => {
  expect(await polygon([[0, 0], [2, 0], [0.4, 0.4], [0, 2]])).toMatchObject({ ok: false, reason: 'dent' })
  expect(await polygon([[0, 0], [1, 1], [1, 0], [0, 1]])).toMatchObject({ ok: false, reason: 'crossing' })
  expect(await polygon([[0, 0], [1, 1], [2, 2]])).toMatchObject({ ok: false, reason: 'flat', hull: null })
  expect(await polygon([[0, 0], [1, 0], [0, 1], [0, 0]])).toMatchObject({ ok: false, reason: 'twice' })
})
test('corners are moved, added to the nearest edge, taken away; three stay', () => {
  expect(moveCorner(initial, 1, 9, 0.126).corners[1]).toEqual([3, 0.13])
  expect(addCorner(initial, -0.5, -1.6).corners[1]).toEqual([-0.5, -1.6])
  expect(dropCorner(dropCorner(initial, 0), 0).corners.length).toBe(3)
  expect(firingSide({ weights: [1, 0], bias: 0 }).every(([x]) => x >= 0)).toBe(true)
  expect(TASK.some((p) => p.inside === 0)).toBe(true)
})

test('the fewest products, by all unions: as many as the network has, for every function of three inputs', async () => {
  expect(fewestProducts([0, 0, 0, 0])).toBe(0)
  expect(fewestProducts([0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0])).toBe(8) // parity of four: no two rows share a product
  for (let f = 1; f < 256; f++) {
    const table = Array.from({ length: 8 }, (_, r) => (f >> r) & 1)
    const { least, wrong } = await build(table, true)
    expect([fewestProducts(table), wrong.length], table.join('')).toEqual([least, 0])
  }
})
