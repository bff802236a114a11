// Every number a lab shows has its proof, is set by the person, or stands beside its like: what is left is found here.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root } from './browser.ts'
import { unbound } from './looks.ts'

interface Numeral { readonly before: string; readonly text: string; readonly after: string }

/** In the page: numbers in sight which are neither a proof's button nor a field nor the words of a button, not an axis' tick, not a row’s name, not the rim of a field’s letters, not a cell of a grid that tells its number when pressed, not a time measured by the clock, and not the rounding of a number with a proof or a field in this lab. */
const collect = (): Numeral[] => {
  const NUMBER = /[−-]?\d+(?:[\u202f\u00a0]\d{3})*(?:[.,]\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g
  const work = document.querySelector('.work')!
  const numberIn = (text: string): number => {
    const [, digits, power] = /^(.*?)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(text)!
    const exponent = [...(power ?? '')].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)).reduce((n, d) => (d < 0 ? n : 10 * n + d), 0) * (power?.startsWith('⁻') === true ? -1 : 1)
    return Number(digits!.replace('−', '-').replace(',', '.').replace(/\s/g, '')) * 10 ** exponent
  }
  /** Half a unit of the last digit shown. */
  const half = (text: string): number => {
    const digits = /[.,](\d+)/.exec(text)?.[1]?.length ?? 0
    const power = /·10/.test(text) ? Math.round(Math.log10(Math.abs(numberIn(text)) / Math.abs(numberIn(text.replace(/·10.*/, ''))))) : 0
    return digits === 0 && power === 0 ? 0 : 0.5 * 10 ** (power - digits)
  }
  const texts = [
    ...[...work.querySelectorAll('button.value, [data-edit], input:checked + *, label:has(input:checked), option:checked')].map((e) => e.textContent ?? ''),
    ...[...work.querySelectorAll<HTMLInputElement>('input:not([type=checkbox], [type=radio], [type=range])')].map((e) => e.value),
  ]
  const known = texts.flatMap((text) => text.match(NUMBER) ?? []).map((text) => [numberIn(text), half(text)] as const)
  const near = (text: string): boolean => {
    const [v, h] = [Math.abs(numberIn(text)), half(text)]
    // whole numbers below ten are too common to be taken for the rounding of another
    const most = Math.max(h, v >= 10 ? 0.5 : 0)
    return known.some(([w, g]) => [1, ...(Math.abs(w) <= 1 ? [100] : [])].some((unit) => Math.abs(unit * Math.abs(w) - v) <= 1.001 * (most + Math.min(most, unit * g)) + 1e-12))
  }
  const upTo = (whole: Element, part: Element): string => {
    const range = document.createRange()
    range.setStart(whole, 0)
    range.setEndBefore(part)
    return range.toString()
  }
  /** Of a long table only what is in sight shows its proofs. */
  const inSight = (cell: Element): boolean => {
    const box = cell.closest('.scroll')?.getBoundingClientRect()
    const { top, bottom } = cell.getBoundingClientRect()
    return box === undefined || (bottom > box.top && top < box.bottom)
  }
  const found: Numeral[] = []
  const walker = document.createTreeWalker(work, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const [e, text] = [node.parentElement!, (node as Text).data]
    if (!/\d/.test(text) || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (e.closest('button.value, [popover], option, .hidden, .grid, .axis-name, th, td:first-child, [data-edit], g.edit, .halo, button, label:has(input), [data-clock], [role=gridcell]') !== null) continue
    const [formula, cell] = [e.closest('math'), e.closest('td')]
    if (formula !== null && e.closest('.live') === null) continue
    if (cell !== null && !inSight(cell)) continue
    // what a number belongs to: its formula up to it, the head of its column, the words of its sentence
    const place = formula !== null ? upTo(formula, e) : cell !== null ? `${cell.closest('table')!.querySelectorAll('thead th, thead td')[cell.cellIndex]?.textContent?.trim() || cell.parentElement!.querySelector('th')?.textContent?.trim() || ''} | ` : ''
    for (const match of text.matchAll(NUMBER)) if (!near(match[0])) found.push({ text: match[0], before: place + text.slice(0, match.index), after: text.slice(match.index + match[0].length) })
  }
  return found
}

/** What has no proof because there is nothing to prove. Tried on the number with its sentence: …⟦12⟧… */
const EXCUSED: readonly { readonly lab?: string; readonly in: RegExp; readonly why: string }[] = [
  { in: /(?:Step|Шаг|Epoch|Эпоха|epoch|эпоха|point|точка|of|из) ⟦[\d\u202f.,]+⟧(?: of | из |, |:|$|; |\.)/, why: 'where one is on a way one walks oneself, and how long it is' },
  { in: /⟦[\d\u202f]+⟧[\s\u00a0](?:steps?|шаг\S*|updates?|обновлени\S*|examples? looked|пример\S*)|(?:[Cc]omputed|[Ff]illed|[Вв]ычислено|[Зз]аполнено): ⟦\d+⟧/, why: 'how much the person has done' },
  { in: /(?:of|all|All|из|все|Все)(?: точки \(| )⟦[\d\u202f]+⟧/, why: 'how many there are of what is in sight' },
  { in: /(?:[Ll]ayer|[Nn]euron|[Сс]лой|[Сс]лоя|[Нн]ейрон\S*|[Rr]ow|[Сс]трок\S*|in step|на шаге)(?: \|)? ⟦\d+⟧|(?:says|отвечает:) ⟦\d⟧/, why: 'the name of a part or of a digit' },
  { in: /(?:class|класс\S*|is an?|Это цифра|^y \|) ⟦\d⟧/, why: 'the class that was given' },
  { in: /(?:from|From|to|at most|first|от|до|От|не больше|первые) ⟦[\d\u202f]+⟧|x⟦[12]⟧/, why: 'what the page takes: the limits of its fields and files, names of columns' },
  { in: /(?:WebAssembly, |none: |нет: )⟦\d+⟧|⟦\d+⟧ (?:kinds?|вид\S*), |⟦[\d\u202f]+⟧[\s\u00a0](?:of|из) 60/, why: 'the machine, the pixels, what was chosen' },
  { lab: 'digits', in: /^[01 ]*⟦[01]⟧[01 ]*$|^(?:k|x\d*)=.*⟦|The vector: ⟦|Вектор: ⟦/, why: 'the sheet itself, cell by cell, and the place one points at' },
  { lab: 'digits', in: /\| ⟦1[.,]75⟧|⟦784⟧–/, why: 'the lecture’s figure; the size of the input' },
  { lab: 'graph', in: /×⟦\d+⟧|⟦\d+⟧×|(?:shape|форма) \| ⟦|(?:Nodes|Узлов) \| ⟦/, why: 'the form of a tensor; how many nodes stand in the picture' },
  { lab: 'playground', in: /(?:shown: |точка )\(.*⟦/, why: 'a point of the data' },
  { lab: 'backprop', in: /δ.*⟦|^⟦0[.,]\d+⟧$/, why: 'covered cells: what their formulas and pictures give away is the task; uncovered they have proofs' },
  { lab: 'boolean', in: /^⟦\d⟧$/, why: 'the number of an edge, written at it' },
  { lab: 'line', in: /^x[₁₂] \| ⟦−?4⟧$/, why: 'the corners of the plane in the picture' },
]

const read = (folder: string): string => readdirSync(join(root, 'apps/studio/src', folder), { recursive: true }).map(String).filter((name) => /(?<!\.test)\.(ts|svelte)$/.test(name)).map((name) => readFileSync(join(root, 'apps/studio/src', folder, name), 'utf8')).join('\n')
const plain = (text: string): string => text.replace(/\\u00a0|&nbsp;|\s+/g, ' ')
const shared = plain(`${read('parts')}${read('core')}`)
const sources = new Map<string, string>()

/** Numbers without a proof; those of the lab's own words stand in its sources as they are. */
export async function unproven(page: Page, lab: string): Promise<string[]> {
  const folder = readdirSync(join(root, 'apps/studio/src/labs')).find((name) => name.slice(3) === lab)!
  const source = sources.get(folder) ?? `${plain(read(`labs/${folder}`))}${shared}`
  sources.set(folder, source)
  const left = (await page.evaluate(collect)).map(({ before, text, after }) => ({ before: unbound(before), text, after: unbound(after) })).filter(({ before, text, after }) => {
    const around = plain(`${before.slice(-10)}${text}${after.slice(0, 10)}`).trim()
    const sentence = `${before}⟦${text}⟧${after}`
    return (around === text || !source.includes(around)) && !EXCUSED.some((e) => (e.lab ?? lab) === lab && e.in.test(sentence))
  })
  return [...new Set(left.map(({ before, text, after }) => `${before.slice(-40)}⟦${text}⟧${after.slice(0, 40)}`.trim()))]
}
