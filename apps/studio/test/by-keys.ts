// How a student solves each task with the keyboard alone: for every check a wrong attempt and, after it, a right one, beginning
// with the lab's first state. That Tab reaches what is focused here, and that one sees where one is, is a test of its own.
import type { Locator, Page } from 'playwright-core'
import { encodeState } from '../src/core/permalink.ts'
import { CARDS, type CardId, initial as timeline, solved } from '../src/labs/02-timeline/model.ts'
import { differenceDelta, initial as backprop } from '../src/labs/17-backprop/model.ts'
import { go, until } from './browser.ts'

export type Act = (page: Page) => Promise<void>
type Name = string | RegExp
type Role = 'button' | 'checkbox' | 'radio' | 'spinbutton' | 'textbox'

const named = (page: Page, role: Role, name: Name): Locator => page.locator('.work').getByRole(role, { name, exact: typeof name === 'string' })
const keyOn = (role: Role, name: Name, key: string): Act => async (page) => {
  await named(page, role, name).first().press(key)
}
export const press = (name: Name): Act => keyOn('button', name, 'Enter')
export const pick = (name: Name): Act => keyOn('radio', name, 'Space')
const toggle = (name: Name): Act => keyOn('checkbox', name, 'Space')
export async function typeInto(page: Page, field: Locator, text: string): Promise<void> {
  await field.press('Control+A')
  await page.keyboard.type(text)
}
export const fill = (name: Name, value: number | string): Act => (page) => typeInto(page, named(page, 'spinbutton', name).or(named(page, 'textbox', name)).first(), String(value))
export const unfold = (title: string): Act => async (page) => {
  await page.locator('.work summary', { hasText: title }).press('Enter')
}
/** Down (or up) to an option of the list in place i. */
const choose = (i: number, option: number): Act => async (page) => {
  const list = page.locator('.work select').nth(i)
  await list.focus()
  const at = await list.evaluate((e) => (e as HTMLSelectElement).selectedIndex)
  for (let n = Math.abs(option - at); n > 0; n--) await page.keyboard.press(option > at ? 'ArrowDown' : 'ArrowUp')
}
const see = (text: string | RegExp): Act => (page) => page.locator('.work').getByText(text).first().waitFor()
/** Trains until the test loss is below `loss`, then pauses. */
const trainBelow = (loss: number): Act => async (page) => {
  await press('Train')(page)
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  const shown = async (): Promise<number> => Number(/= (.+)$/.exec((await page.getByRole('button', { name: /^Test loss = / }).getAttribute('aria-label')) ?? '')?.[1] ?? Number.NaN)
  await until(shown, (now) => now < loss, { interval: 100 })
  await press('Pause')(page)
  await page.getByRole('button', { name: 'Train', exact: true }).waitFor()
}

/** A card of the timeline a few steps on, until it shows a picture. */
const drawn = (card: CardId): Act => async (page) => {
  await go(page, 'timeline', await encodeState({ ...timeline, card, steps: 3 }))
  await page.locator('.work [data-picture]').first().waitFor()
}

interface Attempt { readonly do?: readonly Act[]; readonly answer?: number | string }
export interface Solution { readonly check: string; readonly wrong: Attempt; readonly right?: Attempt }
/** A choice (by its place) or a number, wrong and right, the state untouched. */
const answers = (check: string, wrong: number | string, right: number | string): Solution => ({ check, wrong: { answer: wrong }, right: { answer: right } })
const filter = (values: readonly number[]): readonly Act[] => values.map((w, i) => fill(`weight in row ${Math.floor(i / 3) + 1}, column ${(i % 3) + 1}`, w))

export const SOLUTIONS: Readonly<Record<string, readonly Solution[]>> = {
  pipelines: [
    answers('crossover', 300, 2700), // both look at 900 examples: trained once
    { check: 'features', wrong: { do: [toggle(/^zones/), toggle(/^profiles/), toggle(/^holes/), toggle(/^directions/)] }, right: { do: [toggle(/^zones/), toggle(/^profiles/), toggle(/^holes/), toggle(/^directions/)] } },
    answers('ink', 2, 1),
  ],
  timeline: [
    { check: 'match', wrong: { do: solved.map((card, i) => choose(i, 1 + (i === 2 ? CARDS.indexOf('gan') : card))) }, right: { do: [choose(2, 1 + solved[2]!)] } },
    answers('sixteen', 16, 14),
    answers('shots', 2, 0),
    answers('forget', 0, 1),
  ],
  neuron: [
    { check: 'and', wrong: {}, right: { do: [fill('Bias b', -1.5)] } },
    { check: 'or', wrong: { do: [fill('Bias b', -1.5)] }, right: { do: [fill('Bias b', -0.5)] } },
    { check: 'not', wrong: { do: [pick('1')] }, right: { do: [fill('Weight w1', -1), fill('Bias b', 0.5)] } },
    { check: 'majority', wrong: { do: [pick('3')] }, right: { do: [fill('Bias b', -1.5)] } },
    answers('zero', 1, 0),
  ],
  perceptron: [
    { check: 'predict', wrong: { answer: 1.4 }, right: { do: [press('Next example')], answer: 2.2 } },
    { check: 'learn', wrong: { do: [press('Next example'), press('Next example')] }, right: { do: [press('To the end')] } },
    answers('eta', 0, 2),
    answers('never', 0, 1),
  ],
  regression: [
    { check: 'line', wrong: {}, right: { do: [fill('Weight w', 0.31), fill('Bias b', 0.5)] } },
    { check: 'logistic', wrong: { do: [pick('logistic'), pick('two classes'), fill('Weight w', -1)] }, right: { do: [fill('Weight w', 1.5)] } },
    answers('flat', 1, 0),
  ],
  activations: [
    answers('steepest', 1, 0.25),
    answers('depth', 10, 5),
    { check: 'alive', wrong: { do: [fill('Layers', 30)] }, right: { do: [pick('ReLU')] } },
  ],
  line: [
    { check: 'through', wrong: { do: [toggle(/^Hold b = 0/), fill('Weight w1', -1), fill('Weight w2', 0.1)] }, right: { do: [fill('Weight w1', 1), fill('Weight w2', 1.2)] } },
    { check: 'separate', wrong: { do: [pick('shifted')] }, right: { do: [fill('Weight w1', 1), fill('Weight w2', 1), fill('Bias b', -3)] } },
    answers('impossible', 0, 1),
    answers('intercept', -1.5, 1.5),
  ],
  xor: [
    answers('best', 3, 2),
    { check: 'layers', wrong: { do: [pick('Two layers')] }, right: { do: [fill('Hidden neuron h₂: b₂', -1.5)] } },
    { check: 'lift', wrong: { do: [pick('One more input')] }, right: { do: [fill('The neuron: w₃', -2)] } },
  ],
  signals: [
    answers('potential', 1.5, 0),
    { check: 'both', wrong: {}, right: { do: [fill('Bias b1', -0.5), press(/^Neuron 2 of layer 2/), fill('Bias b2', -0.5), press(/^Neuron 1 of layer 3/), fill('Bias b1', -1.5)] } },
    answers('count', 23820, 23860),
    {
      check: 'cover',
      wrong: { do: [pick('covered'), press(/^Neuron 1 of layer 2/), fill('z, typed by you', 0.5), fill('a, typed by you', 0), press('Compare')] },
      right: { do: [fill('a, typed by you', 1), press('Compare'), press(/^Neuron 2 of layer 2/), fill('z, typed by you', -0.5), fill('a, typed by you', 0), press('Compare'), press(/^Neuron 1 of layer 3/), fill('z, typed by you', 0.5), fill('a, typed by you', 1), press('Compare')] },
    },
  ],
  universality: [
    { check: 'small', wrong: {}, right: { do: [pick('shared'), fill('Number of bumps N', 41), fill('Sharpness of a step', 8)] } },
    answers('neurons', 0, 2),
    { check: 'steep', wrong: { do: [press('hill')] }, right: { do: [press('cliff')] } },
    answers('half', 0, 1),
  ],
  boolean: [
    answers('count', 4, 3),
    { check: 'most', wrong: {}, right: { do: [press('parity of four')] } },
    { check: 'single', wrong: {}, right: { do: [press(/^f\(011\) = 1/), press(/^f\(110\) = 1/)] } },
    {
      check: 'triangle',
      wrong: { do: [pick('a polygon')] },
      right: { do: [[-3, -1.8], [3, -1.8], [0, 2.4]].flatMap(([x, y], i) => [fill('Corner', i + 1), fill('x of the corner', x!), fill('y of the corner', y!)]).concat([fill('Corner', 4), press('Take the corner away')]) },
    },
  ],
  digits: [
    answers('place', 47, 38),
    answers('count', 101_632, 101_770),
    { check: 'beat', wrong: { do: [press('One step'), see(/of 10\u202f000 wrong/)] } }, // the right one is trained in digits.alone.test.ts
  ],
  cnn: [
    answers('field', 3, 8),
    answers('count', 54, 60),
    { check: 'vertical', wrong: { do: filter([-1, -1, -1, 2, 2, 2, -1, -1, -1]) }, right: { do: filter([-1, 2, -1, -1, 2, -1, -1, 2, -1]) } },
  ],
  sigmoid: [
    answers('predict', 0.1, 0.05),
    { check: 'jump', wrong: { do: [fill('Weight w', 2), fill('Nudge Δw', 0.1)] }, right: { do: [fill('Weight w', 0.45)] } },
    { check: 'saturate', wrong: {}, right: { do: [fill('Weight w', 4), fill('Bias b', 4)] } },
    answers('order', 0, 1),
  ],
  losses: [
    answers('coin', 0.5, Math.LN2.toFixed(4)),
    { check: 'learns', wrong: { do: [fill('Potential z', -6)] }, right: { do: [pick('LogLoss')] } },
    { check: 'uniform', wrong: {}, right: { do: [fill('Logit of class 1', 1), fill('Logit of class 2', 1), fill('Logit of class 3', 1)] } },
  ],
  descent: [
    answers('step', 3.6, 1.8),
    answers('band', 2, 1),
    { check: 'ravine', wrong: { do: [fill('Learning rate η', 0.05), fill('Steps', 100)] }, right: { do: [pick('momentum'), fill('Learning rate η', 0.15)] } },
  ],
  backprop: [
    answers('output', -differenceDelta(backprop, 2).toFixed(6), differenceDelta(backprop, 2).toFixed(6)),
    answers('hidden', -differenceDelta(backprop, 0).toFixed(6), differenceDelta(backprop, 0).toFixed(6)),
    {
      check: 'fill',
      wrong: { do: [pick('covered'), press(/^Forward/), press(/^Forward/), press(/^Forward/), fill('δ, typed by you', differenceDelta(backprop, 2).toFixed(5)), fill('δ₁, typed by you', differenceDelta(backprop, 0).toFixed(5)), fill('δ₂, typed by you', differenceDelta(backprop, 0).toFixed(5))] },
      right: { do: [fill('δ₂, typed by you', differenceDelta(backprop, 1).toFixed(5))] },
    },
    answers('silent', 0, 1),
    { check: 'train', wrong: { do: [press('Update the weights')] }, right: { do: [unfold('Change the weights'), fill('Weight c', 4), fill('Weight v₁', 3), fill('Weight v₂', 3), press('Update 10 times')] } },
  ],
  graph: [
    answers('product', 2, 5),
    { check: 'here', wrong: { do: [fill('f =', 'w*x + b'), fill('Variable x', 3)], answer: 0.5 }, right: { answer: 3 } },
    { check: 'make', wrong: { do: [fill('f =', 'x + y')] }, right: { do: [fill('f =', '3*x + y')] } },
  ],
  playground: [
    { check: 'spirals', wrong: { do: [pick('spirals'), fill('Noise', 0)] }, right: { do: [fill('Layer 1', 8), toggle('sin x₁'), toggle('sin x₂'), pick('L2'), trainBelow(0.33)] } },
    { check: 'ring', wrong: { do: [press('Remove a layer')] }, right: { do: [toggle('x₁²'), toggle('x₂²'), toggle('x₁'), toggle('x₂'), trainBelow(0.15)] } },
  ],
}
/** Where the tasks leave the first state as it was: something else to put into the link. */
export const CHANGES: Readonly<Record<string, readonly Act[]>> = {
  pipelines: [fill('Training examples n', 250), toggle(/^holes/)],
}
/** What else a lab shows once it is set going: looked at for numbers without a proof. */
export const MORE: Readonly<Record<string, readonly (readonly Act[])[]>> = {
  pipelines: [[fill('Training examples n', 900), toggle(/^holes/), press('Train both')]], // trained before, for a task
  timeline: [[pick(/1958/), press('Run')], [pick(/1969/), press('Run')], ...(['lenet', 'rumelhart', 'gan'] as const).map((card) => [drawn(card)])],
  graph: [[pick('a network'), press('Show everything')]],
  playground: [[pick('a point'), press(/^Forward/)]],
}
