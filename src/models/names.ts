// What other libraries call our tensors: rules from our paths to the names in their checkpoints, so that a loader needs no
// knowledge of the architecture.
import { objectOf } from '../base/index.ts'
import type { Module } from '../nn/index.ts'
import { type Tensor, ValueError } from '../tensor/index.ts'

/** One rule; the first whose `ours` is a prefix of a path (whole words) holds, and the rest of the path is kept. */
export interface NameRule {
  /** Beginning of our path; `*` stands for a number. */
  readonly ours: string
  /** What they call it; each `*` takes the number of ours, in order. */
  readonly theirs: string
  /** Their matrices are [in, out]. */
  readonly transposed?: boolean
  /** Ours is the i-th of n equal parts of theirs along the outputs (after turning, if transposed). */
  readonly part?: readonly [number, number]
}
export interface NameTable {
  /** Whose names these are. */
  readonly source: string
  readonly rules: readonly NameRule[]
  /** Stands before all their names in some checkpoints and is absent from others. */
  readonly prefix?: string
  /** Names in their checkpoints that have no place here (patterns with `*`): masks, tied copies. */
  readonly ignored?: readonly string[]
}
/** Where a tensor of ours is found in another library's checkpoint. */
export interface ForeignPlace {
  readonly name: string
  readonly transposed: boolean
  readonly part: readonly [number, number] | null
}

const LAST: Readonly<Record<string, string>> = { runningMean: 'running_mean', runningVar: 'running_var', numBatches: 'num_batches_tracked' }
const escaped = (text: string): string => text.replace(/[.[\]()+?^$|]/g, '\\$&')

/**
 * Our path → its place in the other library's checkpoint, for every tensor of a model.
 * @throws ValueError for a path no rule covers.
 *
 * @example
 * ```ts
 * import { GPT, foreignNames, gpt2Names } from 'gradus/models'
 *
 * const places = foreignNames(new GPT({ vocabulary: 10, context: 4, width: 8, layers: 1, heads: 2 }), gpt2Names)
 * places['blocks.0.attention.value.weight'] // → { name: 'h.0.attn.c_attn.weight', transposed: true, part: [2, 3] }
 * ```
 */
export function foreignNames(model: Module, table: NameTable): Record<string, ForeignPlace> {
  objectOf('foreignNames', 'table', table, 'a table of names, as leNetNames', 'rules')
  const rules = table.rules.map((rule) => ({ rule, pattern: new RegExp(`^${escaped(rule.ours).replaceAll('*', '(\\d+)')}(?=\\.|$)`) }))
  const places: Record<string, ForeignPlace> = {}
  for (const path of Object.keys(model.state())) {
    const found = rules.find(({ pattern }) => pattern.test(path))
    if (found === undefined) throw new ValueError('foreignNames', `no name for a tensor in ${table.source}`, { expected: 'a rule for every path', received: path })
    const [whole, ...numbers] = found.pattern.exec(path)!
    let at = 0
    const start = found.rule.theirs.replaceAll('*', () => numbers[at++]!)
    const rest = path.slice(whole.length).split('.').map((word) => LAST[word] ?? word).join('.')
    places[path] = { name: start + rest, transposed: found.rule.transposed === true && rest.endsWith('weight'), part: found.rule.part ?? null }
  }
  return places
}

/**
 * The tensors of another library's checkpoint as ours, by path: turned and cut where the table says so. What `loadState`
 * takes. `prefix` of the table may be there or not.
 * @throws ValueError for a tensor that is missing.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { LeNet, fromForeign, leNetNames } from 'gradus/models'
 *
 * const model = new LeNet()
 * const theirs = Object.fromEntries(Object.entries(model.state()).map(([path, t]) => [path, zeros(t.shape)]))
 * model.loadState(fromForeign(model, leNetNames, theirs)).parameterCount() // → 61706
 * ```
 */
export function fromForeign(model: Module, table: NameTable, theirs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  objectOf('fromForeign', 'table', table, 'a table of names, as leNetNames', 'rules')
  const ours: Record<string, Tensor> = {}
  for (const [path, { name, transposed, part }] of Object.entries(foreignNames(model, table))) {
    const found = theirs[name] ?? theirs[(table.prefix ?? '') + name]
    if (found === undefined) throw new ValueError('fromForeign', `the checkpoint lacks a tensor that ${table.source} has`, { expected: name, received: Object.keys(theirs).slice(0, 6).join(', ') || 'nothing' })
    const turned = transposed ? found.T : found
    if (part === null) ours[path] = turned
    else {
      const size = turned.shape[0]! / part[1]
      ours[path] = turned.at([part[0] * size, (part[0] + 1) * size])
    }
  }
  return ours
}
