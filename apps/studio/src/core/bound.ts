// Where a line of text must not break. Every catalogue passes through here (core/language.svelte.ts).

/** What a number after it names: class 0, row 4. */
const NAMED = /(?<![\p{L}])(класс[а-яё]{0,2}|строк[а-яё]{1,2}|столб[а-яё]{2,3}|сло[йяюе]|нейрон[а-яё]{0,2}|точк[а-яё]|карт[а-яё]|№|class|row|column|layer|neuron|point|map) (?=\d)/giu

/** A text in which a sign between two values never ends or begins a line, nor a number or a name is parted: x = 5, 20 %, class 1, 10 000, 784–128–10, ∂f/∂x, σ′(z), (1; 2). */
export const bound = (text: string): string =>
  text
    .replace(/ ([=<>≤≥≈·–]) /g, '\u00a0$1\u00a0')
    .replace(/(\d) %/g, '$1\u00a0%')
    .replace(/(\d) (?=\d{3}(?!\d))/g, '$1\u202f')
    .replace(/(\d)–(?=\d)/g, '$1\u2060–\u2060')
    .replace(/(\(−?[\d.,]+[;,]) (?=−?[\d.,]+\))/g, '$1\u00a0')
    .replace(/\/(?=∂)/g, '\u2060/\u2060')
    .replace(/′\(/g, '′\u2060(')
    .replace(NAMED, '$1\u00a0')
    // in Russian a dash never begins a line, nor does a one-letter word end it
    .replace(/ — /g, '\u00a0— ')
    .replace(/(?<![а-яё])([вксуоия]) (?=\S)/giu, '$1\u00a0')

/** The same of every text of a catalogue, of those that its functions return too. Formulas are set while building. */
export function allBound<T>(words: T): T {
  const made = (): unknown => {
    if (typeof words === 'string') return bound(words)
    if (typeof words === 'function') return (...given: readonly unknown[]) => allBound((words as (...given: readonly unknown[]) => unknown)(...given))
    if (Array.isArray(words)) return words.map(allBound)
    if (typeof words !== 'object' || words === null || 'html' in words) return words
    return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, allBound(value)]))
  }
  return made() as T
}
