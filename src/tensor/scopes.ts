// Running transforms: a stack of scopes, so that nodes know whether a gradient, a batch or a trace still needs them.
import type { Scope } from '../ir/index.ts'

let top: Scope | null = null

/** Runs `body` inside a new scope, which ends when it returns or throws. */
export function withScope<T>(body: (scope: Scope) => T): T {
  const scope: Scope = { active: true, parent: top, depth: (top?.depth ?? 0) + 1 }
  top = scope
  try {
    return body(scope)
  } finally {
    scope.active = false
    top = scope.parent
  }
}
