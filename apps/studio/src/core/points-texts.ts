// Words for points of one's own, shared by the labs that have them.
import type { Words } from './code-words.ts'
import type { Lang } from './lang.ts'
import { catalog } from './language.svelte.ts'

export const pointsTexts = catalog({
  en: {
    addAs: 'A click adds', classNames: ['class 0', 'class 1'] as readonly string[], pick: 'Chosen point (0: none)', point: (i: number) => `Point ${i}`, coordinate: (name: string) => `Its ${name}`, cell: (name: string, i: number) => `${name} of point ${i}`, className: 'class', wrongMark: 'on the wrong side',
    otherClass: 'Other class', remove: 'Remove', full: (n: number) => `There are ${n} points: no more fit.`,
  },
  ru: {
    addAs: 'Щелчок ставит', classNames: ['класс 0', 'класс 1'] as readonly string[], pick: 'Выбранная точка (0 — никакая)', point: (i: number) => `Точка ${i}`, coordinate: (name: string) => `Её ${name}`, cell: (name: string, i: number) => `${name} точки ${i}`, className: 'класс', wrongMark: 'не на своей стороне',
    otherClass: 'Другой класс', remove: 'Убрать', full: (n: number) => `Точек уже ${n}: больше не помещается.`,
  },
})

/** The points of a state as programs have them. */
export const pointWords = (lang: Lang, x: string, y: string): Words => {
  const t = pointsTexts[lang]
  const of = (name: string) => (i: number): string => t.cell(name, i + 1)
  return { 'points.x': of(x), 'points.y': of(y), 'points.c': of(t.className) }
}
