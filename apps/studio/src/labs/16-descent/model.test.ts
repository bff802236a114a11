// Surfaces, walks and curvature by the engine against plain arithmetic; the safe band; the arrows.
import { describe, expect, test } from 'vitest'
import { checks } from './checks.ts'
import { surface, walk } from './compute.ts'
import { GRID, METHODS, SURFACES, type State, type Surface, arrowPath, arrowsOf, axis, form, heightAt, initial, isSame, largestEigenvalue, parse, plainPlace, repaired, slopeAt, troubleOf } from './model.ts'

/** The three methods once more, with differences for slopes. */
function plainWalk({ formula, start, method, eta, steps }: State): (readonly [number, number])[] {
  const e = parse(formula)
  let [p, m, v] = [[...start], [0, 0], [0, 0]]
  const path = [[p[0]!, p[1]!] as const]
  for (let k = 1; k <= steps; k++) {
    const g = slopeAt(e, p[0]!, p[1]!)
    if (method === 'adam') {
      m = m.map((old, i) => 0.9 * old + 0.1 * g[i]!)
      v = v.map((old, i) => 0.999 * old + 0.001 * g[i]! ** 2)
      p = p.map((c, i) => c - (eta * m[i]!) / (1 - 0.9 ** k) / (Math.sqrt(v[i]! / (1 - 0.999 ** k)) + 1e-8))
    } else {
      m = m.map((old, i) => (method === 'momentum' ? 0.9 : 0) * old + g[i]!)
      p = p.map((c, i) => c - eta * m[i]!)
    }
    path.push([p[0]!, p[1]!])
  }
  return path
}

describe.each(Object.keys(SURFACES) as Surface[])('%s', (name) => {
  const formula = SURFACES[name]
  const e = parse(formula)
  test('heights on the grid', async () => {
    const z = await surface(formula)
    const at = axis()
    expect(z.length).toBe(GRID * GRID)
    for (let i = 0; i < z.length; i += 97) expect(z[i]).toBeCloseTo(heightAt(e, at[i % GRID]!, at[Math.floor(i / GRID)]!), 9)
  })
  test.each(METHODS)('%s: every point, height and gradient of a walk', async (method) => {
    const s: State = { formula, start: [0.6, -0.8], method, eta: method === 'adam' ? 0.1 : 0.005, steps: 6 }
    const { path } = await walk(s)
    const want = plainWalk(s)
    expect(path.length).toBe(7)
    for (const [k, { x, y, f, g }] of path.entries()) {
      expect([x, y]).toEqual([expect.closeTo(want[k]![0], 5), expect.closeTo(want[k]![1], 5)])
      expect(f).toBeCloseTo(heightAt(e, x, y), 9)
      const slope = slopeAt(e, x, y)
      for (const i of [0, 1] as const) expect(Math.abs(g[i] - slope[i])).toBeLessThan(1e-4 * Math.max(1, Math.abs(slope[i])))
    }
  })
})
test('λmax of the quadratic surfaces is known, and 2/λmax parts descent from divergence', async () => {
  for (const [name, lambda] of [['bowl', 2], ['ravine', 4]] as const) {
    const at = (eta: number) => walk({ ...initial, formula: SURFACES[name], method: 'plain', eta, steps: 100 })
    const { curvature, safe } = await at(0.01)
    expect([curvature, safe]).toEqual([expect.closeTo(lambda, 10), expect.closeTo(2 / lambda, 10)])
    const heightAfter = async (eta: number): Promise<number> => (await at(eta)).path.at(-1)!.f
    const first = heightAt(parse(SURFACES[name]), -4, 2.5)
    expect(await heightAfter(0.98 * safe!)).toBeLessThan(first)
    expect(await heightAfter(1.02 * safe!)).toBeGreaterThan(first)
  }
  expect((await walk({ ...initial, steps: 300, eta: 2 })).outcome).toBe('diverged')
  expect((await walk({ ...initial, formula: SURFACES.bowl, steps: 300, eta: 0.3 })).outcome).toBe('converged')
})
test.each(METHODS)('every point of a walk by %s again, with slopes by differences', async (method) => {
  const now = { ...initial, formula: SURFACES.rosenbrock, method, eta: 0.002, steps: 12 }
  const { path } = await walk(now)
  for (let k = 1; k < path.length; k++) expect(plainPlace(now, path, k)).toEqual([expect.closeTo(path[k]!.x, 5), expect.closeTo(path[k]!.y, 5)])
})
test('the larger eigenvalue', () => {
  expect([largestEigenvalue(3, 0, -1), largestEigenvalue(0, 2, 0), largestEigenvalue(2, 1, 2)]).toEqual([3, 2, 3])
})
test('arrows: −η∇f at the first points and the last; for the plain method each ends at the next point', async () => {
  const { path } = await walk({ ...initial, steps: 20 })
  const arrows = arrowsOf(path, initial.eta, 3)
  expect(arrows.map(({ from }) => from)).toEqual([0, 1, 2, 20].map((k) => [path[k]!.x, path[k]!.y]))
  for (const k of [0, 1, 2]) expect(arrows[k]!.to).toEqual([expect.closeTo(path[k + 1]!.x, 12), expect.closeTo(path[k + 1]!.y, 12)])
  expect(arrowPath([0, 0], [3, 0]), 'shorter than its head').toBe('')
  expect(arrowPath([0, 0], [Number.NaN, 0])).toBe('')
  expect(arrowPath([0, 0], [20, 0])).toBe('M0.0,0.0L20.0,0.0M12.0,-3.6L20.0,0.0L12.0,3.6')
})

describe('what goes wrong is named, and mended by one click', () => {
  const at = (part: Partial<State>): State => ({ ...initial, ...part })
  /** The trouble; what there is once it is mended: nothing, or another cause that was behind it. */
  const cases: readonly (readonly [string, string | null, string | null, Partial<State>])[] = [
    ['a root of a negative number', 'noStart', null, { formula: 'y^2 - sqrt(x + 4,5)', start: [-5, 1], steps: 3 }],
    ['no value anywhere', 'noStart', null, { formula: 'x/0' }],
    ['a logarithm, and then its border', 'noStart', 'left', { formula: 'ln(x) + y^2' }],
    ['the border of a logarithm', 'left', null, { formula: 'ln(x) + y^2', start: [1, 0], eta: 0.7 }],
    ['a saddle between two valleys', 'saddle', null, { formula: 'x^4 - 2*x^2 + y^2', start: [0, 2], eta: 0.05, steps: 300 }],
    ['a saddle, and below it nothing', 'saddle', 'bottomless', { formula: 'x^2 - y^2', start: [3, 0], eta: 0.3, steps: 100 }],
    ['a top', 'saddle', null, { formula: '4 - x^2 - y^2', start: [0, 0], steps: 5 }],
    ['a hill', 'bottomless', null, { formula: '-x^2 - y^2', start: [1, 1], steps: 300, eta: 0.3 }],
    ...METHODS.filter((method) => method !== 'adam').flatMap((method) => [
      ['the ravine', 'tooFast', null, { method, eta: 1.5, steps: 100 }],
      ['Rosenbrock', 'tooFast', null, { method, formula: SURFACES.rosenbrock, eta: 0.4, steps: 100 }],
      ['Himmelblau', 'tooFast', null, { method, formula: SURFACES.himmelblau, eta: 0.4, steps: 300 }],
    ] as const),
    ['a calm walk', null, null, {}],
    ['the bottom of a bowl', null, null, { formula: SURFACES.bowl, eta: 0.3, steps: 300 }],
  ]
  test.each(cases)('%s: %s', async (_, wanted, then, part) => {
    const s = at(part)
    const seen = await walk(s)
    const trouble = troubleOf(seen)
    expect(trouble).toBe(wanted)
    if (trouble === null) return
    const mended = form(repaired(s, trouble, seen))
    const after = await walk(mended)
    expect(troubleOf(after), JSON.stringify(mended)).toBe(then)
    expect(after.path.length).toBeGreaterThan(0)
    expect(after.path.every(({ f, g }) => [f, ...g].every(Number.isFinite))).toBe(true)
  })
})

test('one surface however it is written; another one, though it agrees on every line of the grid, is another', () => {
  const { ravine, bowl } = SURFACES
  for (const same of ['2y^2 + 0,1·x·x', '(x^2 + 20*y^2)/10', 'abs(x)*abs(x)*0.1 + (y + y)*y', '0.1*(x - 3)^2 + 0.6*x - 0.9 + 2*y^2']) expect(isSame(same, ravine), same).toBe(true)
  for (const other of [bowl, '0.1*x^2 + 2*y^2 + 0.001', '2*x^2 + 0.1*y^2', '0.1*x^2 + 2*y^2 + sin(18.84955592153876*x)', '0.1*x^2 + 2*y^2 + 0*ln(x)', 'ln(0 - 1)']) expect(isSame(other, ravine), other).toBe(false)
})
test('the task in the ravine accepts it written otherwise', async () => {
  const { verify, right } = checks.find(({ id }) => id === 'ravine')!
  const engine = { walk } as unknown as Parameters<typeof verify>[1]
  const tried = async (formula: string): Promise<boolean> => (await verify({ ...initial, ...right.state, formula }, engine, Number.NaN)).ok
  expect(await tried('(x^2 + 20*y^2)/10')).toBe(true)
  expect(await tried('(x^2 + 20*y^2)/100')).toBe(false)
})
