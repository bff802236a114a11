// A graph's identity by structure: equal keys compute the same function. What program caches are keyed by.
import type { Node, SubGraph } from './node.ts'
import { topological } from './emit.ts'
import { defOf } from './table.ts'

export function graphKey(graph: SubGraph): string {
  const number = new Map<Node, number>()
  const parts: string[] = []
  graph.params.forEach((p, i) => {
    number.set(p, i)
    parts.push(`${p.dtype}${p.shape}`)
  })
  const isParam = new Set(graph.params)
  for (const node of topological(graph.results, (n) => isParam.has(n))) {
    if (isParam.has(node)) continue
    number.set(node, number.size)
    // What identities carry (rules, names) does not change their value.
    const params = defOf(node.op).lower.kind === 'identity' ? '' : JSON.stringify(node.params, paramKey)
    parts.push(`${node.op}(${node.inputs.map((x) => number.get(x)).join()})${params}${node.dtype}${node.op === 'input' ? node.id : ''}`)
  }
  return `${parts.join(';')}→${graph.results.map((r) => number.get(r)).join()}`
}

function paramKey(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'object' && value !== null && 'params' in value && 'results' in value) return graphKey(value as SubGraph)
  return value
}
