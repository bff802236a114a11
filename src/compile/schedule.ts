// Decides what becomes a buffer and what is computed inside its users, and groups buffers into kernels.
import { sameShape, sizeOf } from '../base/index.ts'
import { type Node, type SubGraph, defOf, emit as e, ixFlatten, ixKey, ixVar, newVar, topological } from '../ir/index.ts'
import { type Chain, alone, productOf } from './kernels/chain.ts'
import { readsOwnRow } from './kernels/row-kernel.ts'
import { baseOf, behindViews } from './operand.ts'

export type Group =
  | { readonly kind: 'loops'; readonly roots: readonly Node[] }
  /**
   * Loops over the same rows, one after another within each row: softmax, normalisation. `rank` axes count the rows;
   * `local` are roots that nobody outside the group reads.
   */
  | { readonly kind: 'rows'; readonly parts: readonly (readonly Node[])[]; readonly rank: number; readonly local: readonly Node[] }
  | { readonly kind: 'product'; readonly chain: Chain }
  | { readonly kind: 'opaque'; readonly node: Node }
  | { readonly kind: 'control'; readonly node: Node }

export interface Schedule {
  readonly groups: readonly Group[]
  readonly results: readonly Node[]
  readonly isBuffer: (node: Node) => boolean
}

/** A value needed in several places is computed once when it costs more than this many scalar operations. */
const SHARED_COST = 10
/** Longer expressions are cut into kernels. */
const LONGEST = 400

/** `force`: further nodes that are buffers; `leads`: ops beside matrix products that compute what follows while their results are at hand. */
export function schedule(graph: SubGraph, force: ReadonlySet<Node> = new Set(), leads: (node: Node) => boolean = () => false): Schedule {
  const hasEpilogue = (n: Node): boolean => productOf(n) === 'matrix' || leads(n)
  const params = new Set(graph.params)
  // Every result has a buffer of its own: leaves and repeats are copied.
  const taken = new Set<Node>()
  const results = graph.results.map((given) => {
    const r = params.has(given) ? given : beneath(given)
    const own = params.has(r) || taken.has(r) || r.op === 'data' || r.op === 'input' || r.op === 'pick' ? e.make('barrier', [r], {}) : r
    taken.add(own)
    return own
  })
  const order = topological(results, (n) => params.has(n))
  const users = new Map<Node, Node[]>(order.map((n) => [n, []]))
  for (const n of order) if (!params.has(n)) for (const x of new Set(n.inputs)) users.get(x)!.push(n)
  const buffers = new Set<Node>([...graph.params, ...results, ...[...force].filter((n) => users.has(n))])
  const chains = new Map<Node, Chain>()
  const cost = new Map<Node, number>()
  const reducing = new Set<Node>()
  const resultSet = new Set(results)

  /** Stores a value, below reshapes, which move nothing. */
  const keep = (x: Node): void => {
    buffers.add(unshaped(x))
    cost.set(x, 1)
  }

  for (const n of order) {
    const { lower } = defOf(n.op)
    if (params.has(n) || lower.kind === 'leaf') {
      buffers.add(n)
      cost.set(n, 1)
      continue
    }
    if (lower.kind === 'opaque' || lower.kind === 'join') buffers.add(n)
    // What this op asks of its inputs.
    for (const x of n.inputs) {
      if (buffers.has(x)) continue
      const c = cost.get(x)!
      const cheap = c <= 2
      if (lower.kind === 'opaque') {
        if (isGenerated(x) && x.inputs.length === 0 && n.inputs.every((y, i) => y !== x || lower.constants?.includes(i) === true)) continue
        const base = readsViews(n) ? (productOf(n) === 'matrix' ? turnedBase(x, users, buffers, hasEpilogue) : baseOf(x)) : x
        if (!buffers.has(base) && !isGenerated(base)) buffers.add(base)
        else if (isGenerated(base)) buffers.add(x)
      } else if (reducing.has(x)) {
        const through = (lower.kind === 'pointwise' || n.op === 'reshape' || n.op === 'barrier') && sizeOf(x.shape) === sizeOf(n.shape)
        if (!through || users.get(x)!.length > 1) {
          reducing.delete(x)
          keep(x)
        }
      } else if (!cheap && repeats(n, x)) buffers.add(storedFor(x))
      else if (sizeOf(n.shape) >= 4 * sizeOf(x.shape) && repeats(n, x) && isPadded(baseOf(x))) buffers.add(baseOf(x))
      else if (users.get(x)!.length > 1 && c > SHARED_COST) keep(x)
      else if (lower.kind === 'join' && !cheap) buffers.add(x)
    }
    let own = lower.kind === 'pointwise' ? lower.cost : lower.kind === 'generate' ? (n.op === 'random' ? 80 : 0.5) : lower.kind === 'index' ? 3 : 0.25
    for (const x of n.inputs) own += buffers.has(x) ? 1 : cost.get(x)!
    if (lower.kind === 'reduce' || lower.kind === 'argreduce') reducing.add(n)
    else if (n.inputs.some((x) => reducing.has(x) && !buffers.has(x))) reducing.add(n)
    if (own > LONGEST) {
      // cut: the most expensive inputs become buffers
      for (const x of n.inputs) if (!buffers.has(x) && cost.get(x)! > LONGEST / 4) buffers.add(x)
      own = n.inputs.reduce((s, x) => s + (buffers.has(x) ? 1 : cost.get(x)!), 1)
    }
    cost.set(n, buffers.has(n) ? 1 : own)
  }
  // Results that are read elsewhere are loaded there only if that is cheaper than the buffer they have anyway: they have one.
  for (const n of order) if (hasEpilogue(n) && sizeOf(n.shape) > 0) {
    const chain = chainOf(n, users, buffers, resultSet)
    chains.set(n, chain)
    if (chain.root !== n) {
      buffers.delete(n)
      buffers.add(chain.root)
    }
  }
  const isBuffer = (n: Node): boolean => buffers.has(n)
  const groups = withLocals(mergeRoots(orderGroups(order, params, buffers, chains), resultSet, isBuffer), resultSet, isBuffer)
  return { groups, results, isBuffer }
}

/** A value with a kernel of its own that a result shows unmoved: it is stored where the result is wanted. */
function beneath(result: Node): Node {
  const coords = result.shape.map((d) => ixVar(newVar('c', 'i32'), d))
  const found = behindViews(result, coords, (n) => defOf(n.op).lower.kind === 'opaque')
  if (found === null || productOf(found.node) !== undefined || found.node.outs !== null || found.node.op === 'pick') return result
  return sizeOf(found.node.shape) === sizeOf(result.shape) && ixKey(found.address) === ixKey(ixFlatten(coords, result.shape)) ? found.node : result
}

/** Finds the values of rows that live and die inside their kernel. */
function withLocals(groups: readonly Group[], results: ReadonlySet<Node>, isBuffer: (n: Node) => boolean): Group[] {
  const outside = new Set<Node>(results)
  for (const g of groups) for (const n of reads(g, isBuffer)) outside.add(n)
  return groups.map((g) => (g.kind === 'rows' ? { ...g, local: rootsOf(g).filter((n) => !outside.has(n)) } : g))
}

/** Products read their operands through views. */
const readsViews = (n: Node): boolean => {
  const { lower } = defOf(n.op)
  return lower.kind === 'opaque' && lower.views === true
}
const isGenerated = (n: Node): boolean => defOf(n.op).lower.kind === 'generate'

/** Values with a border: whether one is inside the border is asked at every reading. */
const isPadded = (n: Node): boolean => {
  const { lower } = defOf(n.op)
  return lower.kind === 'view' && lower.fill !== undefined
}

/** What is stored where a costly value is read several times: of a view of something padded, that itself, for its rows are runs. */
function storedFor(x: Node): Node {
  const base = baseOf(x)
  return isPadded(base) && sizeOf(base.shape) <= 1.25 * sizeOf(x.shape) ? base : x
}

const unshaped = (x: Node): Node => (x.op === 'reshape' ? unshaped(x.inputs[0]!) : x)

/**
 * What is stored for a product that reads views of `x`: the node below them, or that node as its only reader, a permutation
 * that keeps rows whole, turns it. A loop may write in any order, and all that follows reads straight on.
 */
function turnedBase(x: Node, users: ReadonlyMap<Node, readonly Node[]>, buffers: ReadonlySet<Node>, hasEpilogue: (n: Node) => boolean): Node {
  const base = baseOf(x)
  const single = (n: Node): boolean => users.get(n)!.length === 1
  const ends = (n: Node): boolean => hasEpilogue(n) || ((defOf(n.op).lower.kind === 'pointwise' || n.op === 'reshape' || n.op === 'permute') && n.inputs.some((y) => users.has(y) && single(y) && ends(y)))
  if (buffers.has(base) || defOf(base.op).lower.kind !== 'pointwise' || ends(base)) return base
  let turned = base
  for (let n = base; n !== x && single(n); ) {
    n = users.get(n)![0]!
    if (n.op === 'permute' && (n as Node<'permute'>).params.axes.at(-1) === n.shape.length - 1) turned = n
    else if (n.op !== 'reshape') break
  }
  return turned
}

/** Whether an op reads an element of its input several times. */
function repeats(n: Node, x: Node): boolean {
  const { lower } = defOf(n.op)
  if (lower.kind === 'index') return true
  return lower.kind === 'view' && sizeOf(n.shape) > sizeOf(x.shape)
}

/** Follows a product through what can be computed while its result is still in registers. */
function chainOf(dot: Node, users: Map<Node, Node[]>, buffers: Set<Node>, results: Set<Node>): Chain {
  const links: Node[] = []
  let top = dot
  for (;;) {
    if (results.has(top) || (top !== dot && buffers.has(top))) break
    const next = users.get(top)!
    if (next.length !== 1) break
    const n = next[0]!
    const { lower } = defOf(n.op)
    const fits = (lower.kind === 'pointwise' && sameShape(n.shape, top.shape) && n.inputs.every((x) => x === top || plain(x, (y) => buffers.has(y)))) || n.op === 'reshape' || n.op === 'permute'
    if (!fits || n.inputs.filter((x) => x === top).length !== 1) break
    links.push(n)
    top = n
  }
  // A view at the end would only move elements: stop at the last arithmetic, unless it is the result itself.
  const views: Node[] = []
  while (links.length > 0 && !results.has(top) && defOf(top.op).lower.kind === 'view') {
    views.unshift(links.pop()!)
    top = links[links.length - 1] ?? dot
  }
  if (dot.dtype !== 'float32' || top.dtype === 'float64') return alone(dot)
  return { dot, links, root: top, roots: [top], views }
}
/** An operand of an epilogue: made of loads and cheap arithmetic, no loops, no computed addresses. */
function plain(x: Node, isBuffer: (n: Node) => boolean): boolean {
  if (isBuffer(x)) return x.dtype !== 'float64'
  const { lower } = defOf(x.op)
  if (x.dtype === 'float64') return false
  return (lower.kind === 'pointwise' || lower.kind === 'view' || lower.kind === 'identity' || x.op === 'full') && x.inputs.every((y) => plain(y, isBuffer))
}

/** One group a buffer, inputs first. */
function orderGroups(order: readonly Node[], params: Set<Node>, buffers: Set<Node>, chains: Map<Node, Chain>): Group[] {
  const rootOfChain = new Map<Node, Chain>([...chains.values()].map((c) => [c.root, c]))
  const groups: Group[] = []
  for (const n of order) {
    if (!buffers.has(n) || params.has(n) || defOf(n.op).lower.kind === 'leaf') continue
    const chain = rootOfChain.get(n)
    if (chain !== undefined) groups.push({ kind: 'product', chain })
    else if (n.op === 'scan' || n.op === 'cond') groups.push({ kind: 'control', node: n })
    else if (n.op === 'pick') continue
    else if (defOf(n.op).lower.kind === 'opaque') {
      if (sizeOf(n.shape) > 0) groups.push({ kind: 'opaque', node: n })
    } else if (sizeOf(n.shape) > 0) groups.push({ kind: 'loops', roots: [n] })
  }
  return groups
}

/** Buffers a group reads, through what is inlined. */
export function reads(group: Group, isBuffer: (n: Node) => boolean): Set<Node> {
  const out = new Set<Node>()
  const own = new Set<Node>(group.kind === 'loops' ? group.roots : group.kind === 'rows' ? group.parts.flat() : group.kind === 'product' ? [group.chain.dot, ...group.chain.links, ...group.chain.roots] : [group.node])
  const seen = new Set<Node>()
  const visit = (n: Node): void => {
    if (seen.has(n)) return
    seen.add(n)
    if (isBuffer(n) && !own.has(n)) {
      out.add(n.op === 'pick' ? n.inputs[0]! : n)
      return
    }
    n.inputs.forEach(visit)
  }
  for (const n of own) visit(n)
  return out
}

/** Roots of one loop: more would not fit the registers. */
const MOST_ROOTS = 8

interface Entry {
  roots: readonly Node[]
  group: Group
  readonly reads: Set<Node>
  /** Entries that must come before, transitively. */
  readonly after: Set<Entry>
  mergeable: boolean
}

/** Puts elementwise roots of one shape into one loop when they share reads or feed each other element by element. */
function mergeRoots(groups: readonly Group[], results: ReadonlySet<Node>, isBuffer: (n: Node) => boolean): Group[] {
  const entries: Entry[] = []
  const producer = new Map<Node, Entry>()
  for (const group of groups) {
    const needed = reads(group, isBuffer)
    const after = new Set<Entry>()
    for (const r of needed) {
      const p = producer.get(r)
      if (p === undefined) continue
      after.add(p)
      for (const q of p.after) after.add(q)
    }
    const roots = rootsOf(group)
    const mergeable = group.kind === 'loops' && !hasReduction(roots[0]!, isBuffer)
    const host = mergeable ? hostFor(roots[0]!, needed, after, entries, isBuffer) : undefined
    if (host === undefined) {
      const entry = { roots, group, reads: needed, after, mergeable }
      entries.push(entry)
      producer.set(roots[0]!, entry)
      continue
    }
    host.roots = [...host.roots, ...roots]
    producer.set(roots[0]!, host)
    for (const r of needed) if (!host.roots.includes(r)) host.reads.add(r)
    after.delete(host)
    waitFor(host, after, entries)
  }
  for (const e of entries) if (e.mergeable) e.group = { kind: 'loops', roots: e.roots }
  fuseRows(entries, isBuffer)
  joinProducts(entries, results, isBuffer)
  // What was merged may now have to wait for groups that came later.
  const done = new Set<Entry>()
  const out: Group[] = []
  const place = (entry: Entry): void => {
    if (done.has(entry)) return
    done.add(entry)
    for (const before of entries) if (entry.after.has(before)) place(before)
    out.push(entry.group)
  }
  entries.forEach(place)
  return out
}

export const rootsOf = (group: Group): readonly Node[] =>
  group.kind === 'loops' ? group.roots : group.kind === 'rows' ? group.parts.flat() : group.kind === 'product' ? group.chain.roots : [group.node]

/** Elements of a row that still stay in the nearest cache. */
const LONGEST_ROW = 16384

/** Lets loops that read a row reduction only in its own row run inside the loop over the rows. */
function fuseRows(entries: Entry[], isBuffer: (n: Node) => boolean): void {
  for (let i = 0; i < entries.length; i++) {
    const host = entries[i]!
    const rows = host.group.kind === 'loops' ? rowShape(host.group.roots) : null
    if (rows === null || sizeOf(rows) < 4) continue
    const parts: (readonly Node[])[] = [host.roots]
    for (let j = i + 1; j < entries.length; j++) {
      const e = entries[j]!
      if (e.group.kind !== 'loops' || !e.after.has(host)) continue
      const shape = e.roots[0]!.shape
      if (!rows.every((d, k) => d === shape[k]) || sizeOf(shape.slice(rows.length)) > LONGEST_ROW) continue
      const mine = parts.flat()
      // cheap first: what reads none of these waits for something between, and there are thousands of pairs
      if (!mine.some((r) => e.reads.has(r)) || between(host, e.after)) continue
      if (!e.roots.every((r) => readsOwnRow(r, mine, rows.length, isBuffer))) continue
      parts.push(e.roots)
      host.roots = parts.flat()
      host.mergeable = false
      for (const r of e.reads) host.reads.add(r)
      entries.splice(j--, 1)
      takeOver(entries, host, e)
    }
    if (parts.length > 1) host.group = { kind: 'rows', parts, rank: rows.length, local: [] }
  }
}

/** What waited for `e` now waits for `host`, which waits for what `e` did. */
function takeOver(entries: readonly Entry[], host: Entry, e: Entry): void {
  e.after.delete(host)
  for (const x of entries) if (x.after.delete(e)) x.after.add(host)
  waitFor(host, e.after, entries)
}

/**
 * Elementwise roots that alone read a product's result are computed where it is stored, and it is not: an optimiser's
 * update of a parameter. (A result that is wanted as well would be stored in short pieces beside theirs: slower than a loop.)
 */
function joinProducts(entries: Entry[], results: ReadonlySet<Node>, isBuffer: (n: Node) => boolean): void {
  for (let j = 0; j < entries.length; j++) {
    const e = entries[j]!
    if (e.group.kind !== 'loops' || !e.mergeable) continue
    // The last one: of what a gradient reads, products of the forward pass come first, and others read those.
    const host = entries.findLast(({ group: g }) => g.kind === 'product' && e.reads.has(g.chain.root) && !results.has(g.chain.root) && canJoin(g.chain, e, isBuffer) && entries.every((x) => x === e || !x.reads.has(g.chain.root)))
    if (host === undefined || between(host, e.after)) continue
    const { chain } = host.group as Extract<Group, { kind: 'product' }>
    host.roots = e.roots
    host.group = { kind: 'product', chain: { dot: chain.dot, links: [...chain.links, ...chain.views], root: endOf(chain), roots: e.roots, views: [] } }
    for (const r of e.reads) if (r !== chain.root) host.reads.add(r)
    // In the place of the later one: what reads a parameter that is written over comes before.
    const at = entries.indexOf(host)
    entries[j] = host
    entries.splice(at, 1)
    if (at < j) j--
    takeOver(entries, host, e)
  }
}
/** Where elementwise readers of a product's result find it. */
const endOf = ({ root, views }: Chain): Node => views.at(-1) ?? root
function canJoin(chain: Chain, e: Entry, isBuffer: (n: Node) => boolean): boolean {
  const end = endOf(chain)
  return productOf(chain.dot) === 'matrix' && end.dtype === 'float32' && chain.roots[0] === chain.root && e.roots.every((r) => {
    const stops = (n: Node): boolean => n !== r && (n === end || isBuffer(n))
    return sameShape(r.shape, end.shape) && samePlace(r, end, isBuffer) && plain(r, stops) && (end === chain.root || !readsFrom(r, chain.root, stops))
  })
}

/** The axes that count rows, when roots are reductions along the last axes of something. */
function rowShape(roots: readonly Node[]): readonly number[] | null {
  const [root] = roots
  if (roots.length !== 1) return null
  let n = root!
  while (defOf(n.op).lower.kind !== 'reduce') {
    const { kind } = defOf(n.op).lower
    if (kind !== 'pointwise' && n.op !== 'reshape') return null
    const next = n.inputs.find((x) => sizeOf(x.shape) === sizeOf(n.shape) && reduces(x))
    if (next === undefined) return null
    n = next
  }
  const axes = (n.params as { axes?: readonly number[] }).axes
  if (axes === undefined) return null
  const rank = n.inputs[0]!.shape.length
  if (!axes.every((a, k) => a === rank - axes.length + k)) return null
  const rows = n.inputs[0]!.shape.slice(0, rank - axes.length)
  if (sizeOf(n.inputs[0]!.shape) / Math.max(1, sizeOf(rows)) > LONGEST_ROW) return null
  // The root itself has one element a row.
  return rows.every((d, k) => d === root!.shape[k]) && sizeOf(root!.shape) === sizeOf(rows) ? rows : null
}
/** Whether elementwise arithmetic reads a reduction; kept: shared values would be walked through once for every path to them. */
function reduces(x: Node): boolean {
  let known = reducing.get(x)
  if (known === undefined) {
    const { kind } = defOf(x.op).lower
    known = kind === 'reduce' || ((kind === 'pointwise' || x.op === 'reshape') && x.inputs.some(reduces))
    reducing.set(x, known)
  }
  return known
}
const reducing = new WeakMap<Node, boolean>()

/** The loop a root can join: same shape, related, and no third group between the two. */
function hostFor(root: Node, needed: Set<Node>, after: Set<Entry>, entries: readonly Entry[], isBuffer: (n: Node) => boolean): Entry | undefined {
  return entries.findLast((other) => {
    if (!other.mergeable || other.roots.length >= MOST_ROOTS || !sameShape(other.roots[0]!.shape, root.shape)) return false
    const feeds = other.roots.filter((r) => needed.has(r))
    if (feeds.length === 0 && !shared(needed, other.reads)) return false
    return !between(other, after) && feeds.every((r) => samePlace(root, r, isBuffer))
  })
}
/** Adds what `host` must wait for to it and to all that wait for it, which know the rest already. */
function waitFor(host: Entry, after: Set<Entry>, entries: readonly Entry[]): void {
  const more = [...after].filter((q) => !host.after.has(q))
  if (more.length > 0) for (const e of entries) if (e === host || e.after.has(host)) for (const q of more) e.after.add(q)
}
const shared = (needed: Set<Node>, reads: Set<Node>): boolean => {
  for (const r of needed) if (reads.has(r) && sizeOf(r.shape) > 1) return true
  return false
}
/** Whether one of the entries that must come before waits for `first` itself. */
const between = (first: Entry, after: Set<Entry>): boolean => {
  for (const x of after) if (x !== first && x.after.has(first)) return true
  return false
}

/**
 * Whether a group may write its results over `p`: every root reads `p` element by element at its own place, so that each
 * element is read just before it is replaced. A product may, when only what follows it reads `p`.
 */
export function canOverwrite(group: Group, p: Node, isBuffer: (n: Node) => boolean): boolean {
  if (group.kind === 'product') {
    const { dot, links, root, roots } = group.chain
    if (!sameShape(root.shape, p.shape) || dot.inputs.some((x) => readsFrom(x, p, isBuffer))) return false
    // Views on the way move elements: what is read beside them must be read where it is stored.
    const last = links.findLastIndex((n) => defOf(n.op).lower.kind === 'view')
    return roots.every((r) => r === root || samePlace(r, p, isBuffer)) && links.every((n, i) => n.inputs.every((x) => x === (links[i - 1] ?? dot) || !readsFrom(x, p, isBuffer) || (i > last && samePlace(x, p, isBuffer))))
  }
  return group.kind === 'loops' && group.roots.every((r) => !hasReduction(r, isBuffer) && samePlace(r, p, isBuffer) && sameShape(r.shape, p.shape))
}
/** Whether a value is computed from `p` without a buffer between. */
const readsFrom = (n: Node, p: Node, isBuffer: (n: Node) => boolean): boolean => n === p || (!isBuffer(n) && n.inputs.some((x) => readsFrom(x, p, isBuffer)))

function hasReduction(root: Node, isBuffer: (n: Node) => boolean): boolean {
  const seen = new Set<Node>()
  const visit = (n: Node, top: boolean): boolean => {
    if (seen.has(n) || (isBuffer(n) && !top)) return false
    seen.add(n)
    const { kind } = defOf(n.op).lower
    return kind === 'reduce' || kind === 'argreduce' || n.inputs.some((x) => visit(x, false))
  }
  return visit(root, true)
}

/** Whether `root` reads `other` only element by element, at the same coordinates. */
function samePlace(root: Node, other: Node, isBuffer: (n: Node) => boolean): boolean {
  const touches = (n: Node): boolean => n === other || ((n === root || !isBuffer(n)) && n.inputs.some(touches))
  const check = (n: Node): boolean => {
    if (n === other) return true
    if (n !== root && isBuffer(n)) return true
    const { kind } = defOf(n.op).lower
    if (kind === 'pointwise' || kind === 'identity') return n.inputs.every(check)
    return !n.inputs.some(touches)
  }
  return check(root)
}
