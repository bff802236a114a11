// What the numbers and choices in a program are called: by the words of the lab they stand in.
type Path = readonly (string | number)[]

/** In lists it is told the places, counted from 0; nothing where a choice is that of all entries. */
export type Word = string | ((...at: readonly number[]) => string)
/** By the fields that lead there ('net.layers.biases'); a choice with the words of its options. */
export type Words = Readonly<Record<string, Word | readonly [Word, Readonly<Record<string, string>>]>>

const found = (words: Words, paths: readonly Path[]): Words[string] | undefined => words[paths[0]!.filter((step) => typeof step === 'string').join('.')]
export function calledBy(words: Words, paths: readonly Path[]): string | undefined {
  const it = found(words, paths)
  const word = Array.isArray(it) ? (it[0] as Word) : (it as Word | undefined)
  return typeof word === 'function' ? word(...(paths.length > 1 ? [] : paths[0]!.filter((step) => typeof step === 'number'))) : word
}
export function optionBy(words: Words, paths: readonly Path[], option: string): string | undefined {
  const it = found(words, paths)
  return Array.isArray(it) ? (it[1] as Readonly<Record<string, string>>)[option] : undefined
}
