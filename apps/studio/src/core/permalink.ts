// A state in the address: JSON, deflated, base64url, with a check sum so that a cut link is noticed.
import { type Form, ShapeFault } from './shape.ts'

async function pass(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(through as unknown as TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>)
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** FNV-1a, four bytes. */
function checkSum(bytes: Uint8Array): number {
  let h = 0x811c9dc5
  for (const b of bytes) h = Math.imul(h ^ b, 0x01000193)
  return h >>> 0
}

export async function encodeState(state: unknown): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(state))
  const packed = await pass(json, new CompressionStream('deflate-raw'))
  const all = new Uint8Array(4 + packed.length)
  new DataView(all.buffer).setUint32(0, checkSum(json))
  all.set(packed, 4)
  let binary = ''
  for (const b of all) binary += String.fromCharCode(b)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** What still fits into one message of the usual messengers, with the address before it. */
export const LINK_LIMIT = 4000

/** A link's state: all of it, or without one's own data where it would be too long. */
export async function codeFor<S>(state: S, light: ((s: S) => S) | undefined): Promise<{ readonly code: string; readonly left: number }> {
  const code = await encodeState(state)
  return code.length <= LINK_LIMIT || light === undefined ? { code, left: 0 } : { code: await encodeState(light(state)), left: code.length }
}

/** What is wrong with a link: a sign that no link has and which it is, numbers that do not add up, or a state the lab cannot have. */
export type LinkProblem =
  | { readonly kind: 'sign'; readonly at: number; readonly sign: string }
  | { readonly kind: 'sum'; readonly length: number }
  | { readonly kind: 'form'; readonly shape: ShapeFault }
export class LinkFault extends Error {
  readonly problem: LinkProblem
  constructor(problem: LinkProblem) {
    super(problem.kind === 'form' ? problem.shape.message : JSON.stringify(problem))
    this.problem = problem
  }
}

/** The state in a link, checked against the lab's form. */
export async function decodeState<S>(code: string, form: Form<S>): Promise<S> {
  const value = await unpack(code)
  try {
    return form(value)
  } catch (error) {
    if (error instanceof ShapeFault) throw new LinkFault({ kind: 'form', shape: error })
    throw error
  }
}

async function unpack(code: string): Promise<unknown> {
  const at = code.search(/[^\w-]/)
  if (at !== -1) throw new LinkFault({ kind: 'sign', at: at + 1, sign: String.fromCodePoint(code.codePointAt(at)!) })
  try {
    const binary = atob(code.replaceAll('-', '+').replaceAll('_', '/'))
    const all = Uint8Array.from(binary, (c) => c.charCodeAt(0))
    const json = await pass(all.slice(4), new DecompressionStream('deflate-raw'))
    if (new DataView(all.buffer).getUint32(0) !== checkSum(json)) throw new Error('check sum')
    return JSON.parse(new TextDecoder().decode(json))
  } catch {
    throw new LinkFault({ kind: 'sum', length: code.length })
  }
}
