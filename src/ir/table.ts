// The op table: every array op Gradus has, exhaustive by type.
import { Emit } from './emit.ts'
import type { OpDef, OpTable } from './def.ts'
import type { OpName } from './node.ts'
import { attention } from './ops/attention.ts'
import { contract } from './ops/contract.ts'
import { control } from './ops/control.ts'
import { indexing } from './ops/indexing.ts'
import { movement } from './ops/movement.ts'
import { pointwise } from './ops/pointwise.ts'
import { reduce } from './ops/reduce.ts'
import { special } from './ops/special.ts'

export const TABLE = { ...special, ...pointwise, ...movement, ...reduce, ...contract, ...attention, ...indexing, ...control } satisfies OpTable

/** The entry of an op whose name is not known statically. */
export const defOf = (name: OpName): OpDef<OpName> => TABLE[name] as unknown as OpDef<OpName>

export const emit: Emit = /* @__PURE__ */ new Emit((op, inputs, params) => TABLE[op].infer(inputs, params as never))
