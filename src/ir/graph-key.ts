// A graph's identity by structure: equal keys compute the same function. What program caches are keyed by.
import type { Node, SubGraph } from './node.ts'
import { topological } from './emit.ts'
import { defOf } from './table.ts'

/** Plain ASCII: a single other character would double the size of keys, which caches keep. */
export function graphKey(graph: SubGraph): string {
  const number = new Map<Node, number>()
  const parts: string[] = []
  for (const p of graph.params) {
    number.set(p, number.size)
    parts.push(`${p.dtype}${p.shape}`)
  }
  const params = number.size
  for (const node of topological(graph.results, (n) => number.get(n)! < params)) {
    if (number.has(node)) continue
    let inputs = ''
    for (const x of node.inputs) inputs += `${number.get(x)},`
    number.set(node, number.size)
    // What identities carry (rules, names) does not change their value.
    parts.push(`${node.op}(${inputs})${defOf(node.op).lower.kind === 'identity' ? '' : paramsKey(node.params)}${node.dtype}${node.op === 'input' ? node.id : ''}`)
  }
  return `${parts.join(';')}=>${graph.results.map((r) => number.get(r)).join()}`
}

/** An op's parameters as text: numbers to the bit, graphs by their structure, no functions. */
export function paramsKey(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return ''
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(paramsKey).join()}]`
  if ('params' in value && 'results' in value) return graphKey(value as SubGraph)
  let fields = ''
  for (const name in value) fields += `${name}:${paramsKey((value as Record<string, unknown>)[name])},`
  return `{${fields}}`
}
