// One state, all views: for every lab numbers and choices of its state, and each view that changes them. A row says where a view shows
// the number; `tried` changes it through one view after another, and after each all others must show it, in the end the link too.
import type { Locator, Page } from 'playwright-core'
import { type Act, fill, pick, press, typeInto, unfold } from './by-keys.ts'
import { settle, until } from './browser.ts'

/** The views that LABS.md lists. */
export const KINDS = ['formula', 'picture', 'graph', 'table', 'code'] as const
export type Kind = (typeof KINDS)[number]
interface View {
  /** The number of the state as this view shows it; none where it only follows from it. */
  readonly look?: (page: Page, at: string) => Promise<number>
  /** Changes it; gives the number that was typed, nothing where arrow keys moved it. */
  readonly change?: (page: Page, next: number, at: string) => Promise<number | undefined>
}
interface Row {
  /** Where it stands in the state: points[0].x; or how it follows from it. */
  readonly at: string | ((state: never) => number)
  readonly before?: readonly Act[]
  readonly field?: View
  readonly views: Partial<Readonly<Record<Kind, View | readonly View[]>>>
  /** From one number to the next; default: a quarter more. */
  readonly next?: (v: number) => number
}
/** A choice: its name, as the program's list is called; the lab's own radio buttons have the words of the options. */
interface Choice { readonly at: string; readonly name: string; readonly before?: readonly Act[] }
interface Lab { readonly numbers?: readonly Row[]; readonly choices?: readonly Choice[] }

const inWork = (page: Page, selector: string): Locator => page.locator(`.work ${selector}`)
/** What begins so. Spaces that do not break are spaces. */
const beginning = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s')}`)
/** The last number of a text, as English writes it. */
const numberIn = (text: string): number => Number(text.replace(/[\u202f\u00a0]/g, '').match(/[−-]?\d+(?:\.\d+)?(?!.*\d)/)?.[0].replace('−', '-') ?? Number.NaN)

const spin = (find: (page: Page) => Promise<Locator>, plus = 0): View => ({
  look: async (page) => numberIn(await (await find(page)).inputValue()) - plus,
  async change(page, next) {
    await typeInto(page, await find(page), String(next + plus))
    return next
  },
})
const named = (within: Locator, name: string): Locator => within.getByRole('spinbutton', { name, exact: true }).first()
const field = (name: string, plus = 0): View => spin(async (page) => named(inWork(page, '.field:not(.cell, td .field)'), name), plus)
const cell = (name: string): View => spin(async (page) => {
  const found = named(inWork(page, 'td'), name)
  if ((await found.count()) === 0) for (const closed = inWork(page, 'figure details:not([open]) summary'); (await closed.count()) > 0; ) await closed.first().press('Enter')
  await found.waitFor()
  return found
})
/** Into the field that has opened with the focus in it. */
async function typed(page: Page, next: number): Promise<number> {
  const input = page.locator('[popover] input[type=text]:focus')
  await input.waitFor()
  await page.keyboard.type(String(next))
  await page.keyboard.press('Escape')
  await input.waitFor({ state: 'detached' })
  return next
}
const slot = (name: string): View => {
  const find = (page: Page): Locator => inWork(page, `.formula [data-slot="${name}"][data-edit]`).first()
  return {
    look: async (page) => numberIn((await find(page).textContent())!),
    async change(page, next) {
      await find(page).click()
      return typed(page, next)
    },
  }
}
/** A number along the edge of a diagram, a variable in a graph. */
const edge = (label: string): View => {
  const find = (page: Page): Locator => page.locator('.work').getByRole('button', { name: beginning(`${label}: `) }).and(page.locator('g.edit')).first()
  return {
    look: async (page) => numberIn((await find(page).getAttribute('aria-label'))!),
    async change(page, next) {
      await find(page).press('Enter')
      return typed(page, next)
    },
  }
}
/** A handle and the key that moves it; which of its coordinates is the number, if one is. */
const handle = (label: string, axis: 0 | 1 | null, key: string): View => {
  const find = (page: Page): Locator => page.locator('.work').getByRole('slider', { name: beginning(`${label}: `) }).first()
  return {
    ...(axis === null ? {} : { look: async (page) => numberIn((await find(page).getAttribute('aria-valuetext'))!.split(';')[axis]!) }),
    async change(page) {
      await find(page).press(key)
      return undefined
    },
  }
}
/** A button that turns 0 into 1 and back, and says which it is. */
const flip = (label: string): View => {
  const find = (page: Page): Locator => page.locator('.work').getByRole('button', { name: beginning(label) }).first()
  return {
    look: async (page) => numberIn(/(\d)(?=:)/.exec((await find(page).getAttribute('aria-label'))!.slice(label.length))![1]!),
    async change(page) {
      await find(page).press('Enter')
      return undefined
    },
  }
}
/** The program, its place found by the name it is told to have. */
async function program(page: Page): Promise<Locator> {
  const panel = page.locator('details.code')
  if ((await panel.getAttribute('open')) === null) await panel.locator('summary').press('Enter')
  await panel.locator('.cm-content').waitFor()
  return panel
}
async function toPlace(page: Page, name: string): Promise<void> {
  const panel = await program(page)
  await panel.locator('.cm-content').focus()
  await page.keyboard.press('Control+Home')
  const status = panel.getByRole('status')
  await until(() => status.innerText(), (text) => text === '', { timeout: 10_000 }) // no place at the very beginning
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Alt+ArrowRight')
    if (beginning(`${name}: `).test(await status.innerText())) return
  }
  throw new Error(`the program has no place called ${name}`)
}
const code = (name: string): View => {
  const find = (page: Page, at: string): Locator => page.locator(`details.code .cm-content .number[data-place="${at} 0"]`)
  const look = async (page: Page, at: string): Promise<number> => {
    await program(page)
    if ((await find(page, at).count()) === 0) await toPlace(page, name)
    return numberIn(await find(page, at).innerText())
  }
  return {
    look,
    async change(page, next, at) {
      await toPlace(page, name)
      await page.keyboard.insertText(String(next))
      await until(() => find(page, at).innerText(), (text) => numberIn(text) === next, { timeout: 15_000 })
      await page.keyboard.press('Tab')
      return next
    },
  }
}

const flipped = (v: number): number => 1 - v
const more = (by: number) => (v: number): number => Number((v + by).toFixed(4))
const forward = (n: number): readonly Act[] => Array.from({ length: n }, () => press(/^Forward/))
const ones = (text: string): number => text.match(/1/g)?.length ?? 0
const pointOne = fill('Chosen point (0: none)', 1)

export const VIEWS: Readonly<Record<string, Lab>> = {
  pipelines: { numbers: [{ at: 'n', field: field('Training examples n'), next: more(100), views: { graph: handle('Training examples n', 0, 'ArrowRight') } }] },
  timeline: { numbers: [{ at: 'seed', field: field('Seed'), next: more(1), views: {} }] },
  neuron: {
    numbers: [
      { at: 'w[0]', field: field('Weight w1'), views: { formula: slot('w0'), graph: edge('Weight w1'), code: code('Weight w1') } },
      { at: 'b', field: field('Bias b'), views: { formula: slot('b'), graph: edge('Bias b'), code: code('Bias b') } },
      { at: 'x[1]', next: flipped, views: { formula: slot('x1'), graph: flip('Input x2 is '), table: { async change(page, next) { await inWork(page, 'table').getByRole('radio', { name: `Row 1${next}` }).press('Space'); return next } } } },
    ],
  },
  perceptron: {
    numbers: [
      { at: 'points[0].x', before: [press('Next example'), pointOne], field: field('Its x1'), views: { formula: slot('x1'), picture: handle('Point 1', 0, 'ArrowLeft'), table: cell('x₁ of point 1'), code: code('x₁ of point 1') }, next: more(-0.25) },
      { at: 'eta', field: field('Learning rate η'), views: { formula: slot('eta'), code: code('Learning rate η') } },
    ],
  },
  regression: {
    numbers: [
      { at: 'b', field: field('Bias b'), views: { formula: slot('b'), graph: handle('The line at x = 3', null, 'ArrowUp'), code: code('Bias b') } },
      { at: 'w', field: field('Weight w'), views: { formula: slot('w'), graph: handle('Weight and bias', 0, 'ArrowRight'), code: code('Weight w') } },
      { at: 'points[0].y', before: [pointOne], field: field('Its y'), views: { graph: handle('Point 1', 1, 'ArrowUp'), table: cell('y of point 1'), code: code('y of point 1') } },
    ],
    choices: [{ at: 'kind', name: 'Function φ' }],
  },
  activations: {
    numbers: [
      { at: 'z', field: field('Point z'), views: { formula: slot('z'), graph: handle('The point z', 0, 'ArrowRight'), code: code('Point z') } },
      { at: 'w', field: field('Weight w between layers'), views: { formula: slot('w'), code: code('Weight w between layers') } },
      { at: 'depth', field: field('Layers'), next: more(1), views: { code: code('Layers') } },
    ],
    choices: [{ at: 'kind', name: 'Function' }],
  },
  line: {
    numbers: [
      { at: 'w1', field: field('Weight w1'), views: { formula: slot('w1'), picture: handle('The tip of w', null, 'ArrowRight'), code: code('Weight w1') } },
      { at: 'b', field: field('Bias b'), views: { formula: slot('b'), picture: handle('The line, moved in parallel', null, 'ArrowUp'), code: code('Bias b') } },
      { at: 'points[0].x', views: { table: cell('x₁ of point 1'), code: code('x₁ of point 1') } },
    ],
  },
  xor: {
    numbers: [
      { at: 'h1[2]', before: [pick('Two layers')], field: field('Hidden neuron h₁: b₁'), views: { formula: slot('h12'), picture: handle('Hidden neuron h₁: moved in parallel', null, 'ArrowUp'), graph: edge('Hidden neuron h₁: b₁'), code: code('Hidden neuron h₁: b₁') } },
      { at: 'out[0]', field: field('Output neuron: v₁'), views: { formula: slot('out0'), graph: edge('Output neuron: v₁'), code: code('Output neuron: v₁') } },
    ],
  },
  signals: {
    numbers: [
      { at: 'net.layers[0].weights[0][0]', field: field('Weight w11, from 1 to 1'), views: { formula: slot('w0'), graph: edge('Weight w11, from 1 to 1'), code: code('Weight w11, from 1 to 1, layer 2') } },
      { at: 'x[0]', field: field('Input x1'), views: { formula: slot('x0'), table: cell('x1 in the table'), code: code('Input x1') } },
    ],
    choices: [{ at: 'net.layers[0].activation', name: 'Activation function' }],
  },
  universality: {
    numbers: [
      { at: 'count', field: field('Number of bumps N'), next: more(1), views: { formula: slot('N'), code: code('Number of bumps N') } },
      { at: 'heights[4]', field: field('Height of the point'), next: more(-0.25), views: { graph: handle('Point 5 of the curve', 1, 'ArrowDown'), table: cell('Point 5 of the curve'), code: code('Point 5 of the curve') } },
    ],
    choices: [{ at: 'form', name: 'Steps' }],
  },
  boolean: {
    numbers: [
      { at: 'table[3]', next: flipped, views: { table: flip('f(011) = '), code: code('f(011)') } },
      { at: 'corners[0][0]', before: [pick('a polygon')], field: field('x of the corner'), next: more(-0.1), views: { picture: handle('Corner 1', 0, 'ArrowLeft'), table: cell('Corner 1: x of the corner'), code: code('x of corner 1') } },
      { at: 'point[0]', field: field('x of the point'), views: { picture: handle('The point to try', 0, 'ArrowRight'), code: code('x of the point') } },
    ],
  },
  digits: {
    numbers: [
      {
        at: ({ grid }: { readonly grid: string }) => ones(grid), field: { look: async (page) => ones(await inWork(page, '.vector').innerText()) },
        views: {
          picture: { async change(page) { await inWork(page, '.map').first().press('ArrowRight'); await page.keyboard.press('Space'); return undefined } },
          code: { look: async (page) => { await (await program(page)).locator('.cm-content').focus(); await page.keyboard.press('Control+Home'); return ones(((await page.locator('details.code .cm-content').innerText()).match(/[01]{10}/g) ?? []).join('')) } },
        },
      },
      { at: 'hidden[0]', field: field('layer 1'), next: more(4), views: { code: code('Neurons in hidden layer 1') } },
    ],
    choices: [{ at: 'activation', name: 'Activation' }],
  },
  cnn: {
    numbers: [
      {
        at: 'row', field: field('Row', 1), next: more(1),
        views: {
          picture: { async change(page) { const map = inWork(page, '.chosen .map').first(); for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Space']) await map.press(key); return undefined } },
          code: code('Row, counted from 0'),
        },
      },
      { at: 'edits[0].w[0]', views: { table: field('weight in row 1, column 1'), code: code('Filter 1 of convolution 1: weight in row 1, column 1') } },
      { at: 'edits[0].b', field: field('Bias b'), views: { formula: slot('b'), code: code('Filter 1 of convolution 1: Bias b') } },
    ],
  },
  sigmoid: {
    numbers: [
      { at: 'w', field: field('Weight w'), views: { formula: slot('w'), graph: handle('The weight w', 0, 'ArrowRight'), code: code('Weight w') } },
      { at: 'dw', field: field('Nudge Δw'), views: { formula: slot('dw'), graph: handle('The nudged weight w + Δw', null, 'ArrowRight'), table: cell('Nudge Δw'), code: code('Nudge Δw') } },
      { at: 'k', field: field('Steepness k'), views: { formula: slot('k'), code: code('Steepness k') } },
    ],
  },
  losses: {
    numbers: [
      { at: 'z', field: field('Potential z'), views: { formula: slot('z'), graph: handle('The potential z', 0, 'ArrowRight') } },
      { at: 'logits[0]', field: field('Logit of class 1'), views: { formula: slot('z0'), table: cell('Logit of class 1'), code: code('Logit of class 1') } },
      { at: 'batch[0].z', views: { table: cell('z of example 1'), code: code('z of example 1') } },
      { at: 'batch[1].y', next: flipped, views: { table: flip('Target of example 2 is '), code: code('Target of example 2') } },
    ],
    choices: [{ at: 'loss', name: 'Loss' }],
  },
  descent: {
    numbers: [
      { at: 'start[0]', field: field('Start x'), views: { picture: handle('Start', 0, 'ArrowRight'), table: cell('Start x'), code: code('Start x') } },
      { at: 'eta', field: field('Learning rate η'), next: more(0.05), views: { formula: slot('eta'), code: code('Learning rate η') } },
    ],
    choices: [{ at: 'method', name: 'Method' }],
  },
  backprop: {
    numbers: [
      { at: 'x[0]', field: field('Input x1'), views: { formula: slot('x1'), code: code('Input x1') } },
      { at: 'v[0]', before: [...forward(3), unfold('Change the weights')], field: field('Weight v₁'), views: { formula: slot('v1'), graph: edge('Weight v₁'), code: code('Weight v₁') } },
      { at: 'w[0][0]', before: forward(1), field: field('Weight w₁₁'), views: { graph: edge('Weight w₁₁'), table: cell('Weight w₁₁'), code: code('Weight w₁₁') } },
      { at: 'eta', field: field('Learning rate η'), views: { formula: slot('eta') } },
    ],
  },
  graph: {
    numbers: [
      { at: 'x', before: [press('Show everything')], field: field('Variable x'), views: { graph: edge('Variable x'), table: cell('Variable x'), code: code('Variable x') } },
      {
        at: ({ formula }: { readonly formula: string }) => numberIn(formula), before: [fill('f =', '3*x')],
        views: {
          formula: { look: async (page) => numberIn(await inWork(page, '.typed input').inputValue()), async change(page, next) { await typeInto(page, inWork(page, '.typed input'), `${next}*x`); return next } },
          code: { look: async (page) => numberIn(/c\(([\d.]+)\)/.exec(await (await program(page)).locator('.cm-content').innerText())?.[1] ?? '') },
        },
      },
    ],
  },
  playground: {
    numbers: [
      { at: 'own[0].x', before: [pointOne], field: field('Its x1'), next: more(-0.25), views: { picture: handle('Point 1', 0, 'ArrowLeft'), table: cell('Point 1: x₁') } },
      { at: 'start[0].w[0][0]', before: [press('Neuron 1 of layer 1')], field: field('Weight of x₁'), views: { formula: slot('w0') } },
    ],
    choices: [{ at: 'activation', name: 'Activation' }, { at: 'loss', name: 'Loss' }],
  },
}

const steps = (at: string): readonly (string | number)[] => at.split(/[.[\]]+/).filter((one) => one !== '').map((one) => (/^\d+$/.test(one) ? Number(one) : one))
const valueIn = (state: unknown, at: string): unknown => steps(at).reduce((value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step], state)
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 0.0051

/** What does not follow; nothing when all is well. `state`: what the link holds. */
export async function tried(page: Page, { numbers = [], choices = [] }: Lab, state: () => Promise<unknown>): Promise<string[]> {
  const faults: string[] = []
  const agree = async (what: string, look: () => Promise<number>, want: number): Promise<void> => {
    await until(look, (seen) => near(seen, want), { timeout: 10_000 }).catch((error: unknown) => faults.push(`${what}, expected ${want}: ${(error as Error).message}`))
  }
  for (const { at, before = [], field: own, views, next = more(0.25) } of numbers) {
    const path = typeof at === 'string' ? at : ''
    for (const act of before) await act(page)
    await settle(page)
    const all = [...(own === undefined ? [] : [['field', own] as const]), ...KINDS.flatMap((kind) => [views[kind] ?? []].flat().map((view) => [kind, view] as const))]
    const first = all.find(([, { look }]) => look !== undefined)![1].look!
    let value = await first(page, path)
    for (const [kind, { look, change }] of all) {
      if (change === undefined) continue
      const was = value
      const to = await change(page, next(was), path)
      await settle(page)
      value = to ?? (await until(() => (look ?? first)(page, path), (seen) => !near(seen, was), { timeout: 10_000 }).catch(() => was))
      if (near(value, was)) faults.push(`${path}: nothing changed by the ${kind}`)
      for (const [other, view] of all) if (view.look !== undefined) await agree(`${path} in the ${other}, changed by the ${kind}`, () => view.look!(page, path), value)
    }
    await agree(`${path} in the link`, async () => {
      const now = await state()
      return now === null ? Number.NaN : typeof at === 'string' ? Number(valueIn(now, at)) : at(now as never) // null: not in the address yet
    }, value)
  }
  for (const { at, name, before = [] } of choices) {
    for (const act of before) await act(page)
    const list = (await program(page)).getByRole('combobox', { name: `${name} (in the program)` }).first()
    const words = await list.locator('option').allInnerTexts()
    const radio = (word: string): Locator => inWork(page, '.stage').getByRole('radio', { name: word, exact: true }).first()
    for (const word of words) if ((await radio(word).count()) === 0) faults.push(`${name}: the lab has no “${word}”`)
    await list.selectOption({ label: words.at(-1)! })
    await until(() => radio(words.at(-1)!).isChecked(), Boolean, { timeout: 10_000 }).catch(() => faults.push(`${name}: ${words.at(-1)} chosen in the program, not in the lab`))
    await radio(words[0]!).press('Space')
    await until(() => list.locator('option:checked').innerText(), (word) => word === words[0], { timeout: 10_000 }).catch(() => faults.push(`${name}: ${words[0]} chosen in the lab, not in the program`))
    const chosen = await list.inputValue()
    await until(async () => valueIn(await state(), at), (id) => id === chosen, { timeout: 10_000 }).catch(() => faults.push(`${name} in the link`))
  }
  return faults
}
