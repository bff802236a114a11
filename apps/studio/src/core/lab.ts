// What a lab is made of. Its folder exports one `lab` from index.ts; the shell does the rest.
import type { Component } from 'svelte'
import type { Words } from './code-words.ts'
import type { Remote } from './engine.svelte.ts'
import type { Catalog } from './language.svelte.ts'
import type { Html } from './math.ts'
import type { Form } from './shape.ts'
import type { Store } from './store.svelte.ts'

/** Texts every lab has. */
export interface LabTexts {
  readonly title: string
  /** Two or three sentences: what this is and why it matters. */
  readonly lead: Html
  /** What to try first, what to notice, where it breaks. */
  readonly tryFirst: readonly Html[]
  readonly notice: readonly Html[]
  readonly breaks: readonly Html[]
  /** A slip of the lecture's slides, stated openly. */
  readonly slip?: Html
  /** What a link that would be too long leaves out; `n` characters it would have. Default: points of one's own. */
  readonly linkWithout?: (n: number) => string
  /** What a link does not hold, and how it comes back; null when it holds everything. */
  readonly linkNote?: (state: never) => string | null
}

export interface Verdict<T> {
  readonly ok: boolean
  /** Why, with the counterexample when not ok. */
  readonly say: (t: T) => string
}

/** A state (parts of it over the initial one) and an answer. */
export interface Example<S> {
  readonly state?: Partial<S>
  readonly answer?: number
}

/** A task: predict → run → explain. Any right answer passes. */
export interface Check<S, T, C extends object> {
  readonly id: string
  readonly ask: (t: T, s: S) => string
  /** What the person types or chooses; none when the state itself is the answer. */
  readonly answer?: { readonly kind: 'number'; readonly label: (t: T) => string } | { readonly kind: 'choice'; readonly options: (t: T, s: S) => readonly string[] }
  /** The right state must be trained first, which takes a minute: the general tests try only the wrong one, the lab's own test both. */
  readonly slow?: boolean
  readonly verify: (s: S, engine: Remote<C>, answer: number) => Promise<Verdict<T>>
  /** One solution of the many, shown on the teacher's key; and one attempt that must fail. Tests try both. */
  readonly right: Example<S>
  /** The right answer where it depends on what is on the screen: what the key that reveals answers shows. */
  readonly answerFor?: (s: S) => number
  readonly wrong: Example<S>
  /** Shown when passed, or revealed by the teacher. */
  readonly why: (t: T) => Html
}

/** The state as programs that print one JSON line of the lab's numbers. */
export interface Code {
  readonly gradus: string
  readonly numpy: string
  readonly pytorch: string
}

export interface ViewProps<S, T, C extends object> {
  readonly store: Store<S>
  readonly t: T
  readonly engine: Remote<C>
}

export interface Lab<S, T extends LabTexts, C extends object> {
  readonly id: string
  readonly initial: S
  readonly form: Form<S>
  readonly texts: Catalog<T>
  readonly View: Component<ViewProps<S, T, C>>
  readonly checks: readonly Check<S, T, C>[]
  readonly code: (s: S) => Code
  /** What the state's numbers and choices are called where the programs have them. */
  readonly words?: (t: T, s: S) => Words
  /** The state without the person's own data: what a link holds when all of it would be too long. The shell says so. */
  readonly light?: (s: S) => S
  /** More states whose programs the tests run, besides the first one and the checks' solutions. */
  readonly examples?: readonly Partial<S>[]
}

/** A lab whose types the shell need not know. */
export type AnyLab = Lab<unknown, LabTexts, object>
export const defineLab = <S, T extends LabTexts, C extends object>(lab: Lab<S, T, C>): AnyLab => lab as unknown as AnyLab
