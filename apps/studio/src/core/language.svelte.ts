// Language: typed catalogues in Russian and English. A key that is missing in one of them is a type error.
import { allBound } from './bound.ts'
import type { Lang } from './lang.ts'

export type { Lang }
export const LANGS: readonly Lang[] = ['ru', 'en']

/** The language on the screen. */
export const language = $state<{ lang: Lang }>({ lang: 'ru' })

export type Catalog<T> = Readonly<Record<Lang, T>>
/** Two catalogues of the same form; the English one gives the form. Their texts break into lines where they may. */
export const catalog = <T>(both: { en: T; ru: NoInfer<T> }): Catalog<T> => allBound(both)
/** The catalogue in the language on the screen (follows a change of language). */
export const inLanguage = <T>(both: Catalog<T>): T => both[language.lang]
