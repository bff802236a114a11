// What an augmentation is, as plain data: a worker thread makes it again from that, for functions cannot be sent.

/** Name and arguments of the function that made it. */
export interface AugmentSpec {
  readonly name: string
  readonly arguments: readonly unknown[]
}
const SPECS = new WeakMap<object, AugmentSpec>()

/** The augmentation, with its description kept. */
export function described<F extends object>(name: string, args: readonly unknown[], augment: F): F {
  SPECS.set(augment, { name, arguments: args })
  return augment
}

/** null: a function of the user's own. */
export const specOf = (augment: object): AugmentSpec | null => SPECS.get(augment) ?? null
