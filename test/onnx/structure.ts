// ONNX's rules for graphs: names given once, before they are used; types and a shape for every input and output.
import { decodeModel } from '../../src/formats/onnx/decode.ts'
import type { GraphMessage } from '../../src/formats/onnx/messages.ts'

/** What breaks the rules; empty if nothing does. */
export function problemsOf(bytes: Uint8Array): string[] {
  const { graph, opsets, irVersion } = decodeModel(bytes)
  if (graph === null) return ['no graph']
  return [...(opsets.length === 1 && irVersion >= 7 ? [] : ['no opset']), ...graphProblems(graph, new Set(), new Set())]
}

function graphProblems(g: GraphMessage, outer: ReadonlySet<string>, everywhere: Set<string>): string[] {
  const out: string[] = []
  const known = new Set(outer)
  const give = (name: string): void => {
    if (everywhere.has(name)) out.push(`"${name}" is given twice`)
    everywhere.add(name)
    known.add(name)
  }
  for (const v of [...g.inputs, ...g.initializers]) give(v.name)
  for (const t of g.initializers) if (t.raw === null || t.dataType === 0) out.push(`the initializer "${t.name}" has no data`)
  for (const n of g.nodes) {
    if (n.opType === '' || n.name === '' || n.outputs.length === 0) out.push(`a node without type, name or outputs: ${n.name}`)
    if (everywhere.has(`node ${n.name}`)) out.push(`two nodes "${n.name}"`)
    everywhere.add(`node ${n.name}`)
    for (const x of n.inputs) if (x !== '' && !known.has(x)) out.push(`${n.name} uses "${x}" before it is given`)
    for (const a of n.attributes) {
      if (a.type === 0) out.push(`${n.name}: the attribute ${a.name} has no type`)
      if (a.g !== null) out.push(...graphProblems(a.g, known, everywhere))
    }
    n.outputs.forEach(give)
  }
  for (const v of [...g.inputs, ...g.outputs]) if (v.type?.kind !== 'tensor' || v.type.elementType === 0 || v.type.shape === null) out.push(`"${v.name}" has no type`)
  for (const v of g.outputs) if (!known.has(v.name)) out.push(`the output "${v.name}" is not computed`)
  const used = new Set([...g.nodes.flatMap((n) => n.inputs), ...g.outputs.map((o) => o.name)])
  if (outer.size === 0) for (const t of g.initializers) if (!used.has(t.name) && !g.nodes.some((n) => n.attributes.some((a) => a.g !== null))) out.push(`"${t.name}" is not used`)
  return out
}
