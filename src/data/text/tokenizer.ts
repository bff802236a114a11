// What every tokenizer is: text → numbers → text.
export interface Tokenizer {
  /** How many different tokens there are: ids run from 0 to size − 1. */
  readonly size: number
  encode(text: string): Int32Array
  decode(ids: ArrayLike<number>): string
  /** Plain JSON, from which `tokenizerFromJson` makes it again. */
  toJSON(): unknown
}
