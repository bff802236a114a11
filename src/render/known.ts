// What a printer of text has already given a name: values of expressions, block by block, until something they depend on
// changes.
import type { Stmt } from '../ir/index.ts'
import type { Node } from './wasm/nodes.ts'

interface Scope {
  /** Where the value of an expression waits. */
  readonly names: Map<Node, string>
  readonly declared: Set<number>
}

export class Known {
  private readonly scopes: Scope[] = []
  private readonly apart: boolean

  /** `apart`: a store to one buffer changes no other. */
  constructor(apart: boolean) {
    this.apart = apart
  }
  get depth(): number {
    return this.scopes.length
  }
  open(): void {
    this.scopes.push({ names: new Map(), declared: new Set() })
  }
  close(): void {
    this.scopes.pop()
  }
  /** Whether the variable has no declaration in this block yet; now it has. */
  declare(v: number): boolean {
    const { declared } = this.scopes[this.scopes.length - 1]!
    if (declared.has(v)) return false
    declared.add(v)
    return true
  }
  name(n: Node, name: string): void {
    this.scopes[this.scopes.length - 1]!.names.set(n, name)
  }
  find(n: Node): string | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const name = this.scopes[i]!.names.get(n)
      if (name !== undefined) return name
    }
    return undefined
  }

  /** A variable got another value. */
  changed(v: number): void {
    this.forget((n) => n.vars.has(v))
  }
  stored(buf: number): void {
    this.forget((n) => n.bufs.size > 0 && (!this.apart || n.bufs.has(buf)))
  }
  /** Others may have written anything. */
  synchronised(): void {
    this.forget((n) => n.bufs.size > 0)
  }
  /** A loop begins: what its body sets or stores to is not known in it. */
  enterLoop(body: readonly Stmt[]): void {
    const vars = new Set<number>()
    const bufs = new Set<number>()
    let barrier = false
    const visit = (list: readonly Stmt[]): void => {
      for (const s of list) {
        if (s.s === 'set' || s.s === 'let') vars.add(s.v.id)
        else if (s.s === 'store') bufs.add(s.buf)
        else if (s.s === 'for') visit(s.body)
        else if (s.s === 'barrier') barrier = true
        else if (s.s === 'fold') {
          vars.add(s.v.id)
          barrier = true
        }
        else {
          visit(s.then)
          visit(s.else)
        }
      }
    }
    visit(body)
    if (vars.size === 0 && bufs.size === 0 && !barrier) return
    this.forget((n) => [...n.vars].some((v) => vars.has(v)) || (n.bufs.size > 0 && (barrier || (bufs.size > 0 && (!this.apart || [...n.bufs].some((b) => bufs.has(b)))))))
  }
  private forget(changed: (n: Node) => boolean): void {
    for (const { names } of this.scopes) for (const n of names.keys()) if (changed(n)) names.delete(n)
  }
}
