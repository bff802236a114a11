// A bad file, who refuses it, and what the error must say besides the file's name.
import type { LoaderName } from './loaders.ts'

export interface BadFile {
  readonly loader: LoaderName
  readonly title: string
  readonly bytes: () => Uint8Array
  /** The field and the limit. */
  readonly error: RegExp
}
