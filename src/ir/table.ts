// The op table: what every program may hold from the start, and what functions bring along when they are called, so that a
// page without those functions does not load their ops.
import { Emit } from './emit.ts'
import type { OpDef, OpTable } from './def.ts'
import type { OpName } from './node.ts'
import { contract } from './ops/contract.ts'
import { indexing } from './ops/indexing.ts'
import { movement } from './ops/movement.ts'
import { pointwise } from './ops/pointwise.ts'
import { reduce } from './ops/reduce.ts'
import { special } from './ops/special.ts'

export const COMMON = { ...special, ...pointwise, ...movement, ...reduce, ...contract, ...indexing } satisfies Partial<OpTable>

const table: Partial<OpTable> = { ...COMMON }

/** Takes a family of ops into the table; called by the functions that make nodes of them. */
export function addOps(family: Partial<OpTable>): void {
  Object.assign(table, family)
}

/** The entry of an op whose name is not known statically. */
export const defOf = (name: OpName): OpDef<OpName> => table[name] as unknown as OpDef<OpName>

export const emit: Emit = /* @__PURE__ */ new Emit((op, inputs, params) => table[op]!.infer(inputs, params as never))
