// What a picture of a graph shows, and the sizes that its layout and its drawing share.
/** Half the height of a node, whose ends are round. */
export const HALF = 22
/** What the two numbers of a node take: over and under it, or at its right where the graph goes down. */
export const LINE = 20
export const BESIDE = 72
/** Graphs of more nodes are drawn in parts. */
const WHOLE = 48
const PART = 32

/** The nodes of the part that is drawn while `active` is: the first, and the one after the last. */
export function partAt(count: number, active: number): readonly [from: number, to: number] {
  if (count <= WHOLE) return [0, count]
  const from = PART * Math.floor(Math.max(0, active) / PART)
  return [from, Math.min(count, from + PART)]
}
/** They, and what they are computed from. */
export function partOf<N extends { readonly id: number; readonly inputs: readonly number[] }>(nodes: readonly N[], from: number, to: number): readonly N[] {
  const needed = new Set(nodes.slice(from, to).flatMap(({ id, inputs }) => [id, ...inputs]))
  return nodes.filter(({ id }) => needed.has(id))
}
