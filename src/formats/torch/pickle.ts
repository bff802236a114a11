// A closed interpreter for pickles: numbers, text, lists, tuples, dicts, and calls of the few functions it is given. It has no
// way to run anything else: every other opcode and every other name is refused.
import { type Fault, quote } from '../fault.ts'
import { opcodeName } from './opcodes.ts'

/** A function or class a pickle names; only those of the caller's list come into being. */
export class Global {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}
/** What a pickle leaves on its stack. Dicts are maps, lists and tuples arrays; `object` is what the given functions make. */
export type Value = null | boolean | number | bigint | string | Global | Value[] | Map<string | number, Value> | { readonly made: string }

export interface PickleRules {
  /** Names that may stand in the pickle: 'module.name'. */
  readonly allowed: (name: string) => boolean
  /** Calls one of them. */
  readonly call: (name: string, args: readonly Value[]) => Value
  /** What stands for a persistent id (the storages of PyTorch). */
  readonly persistent: (id: Value) => Value
}

const MAX_TEXT = 1_000_000

/** The value of a pickle of protocol 2 to 5. */
export function unpickle(bytes: Uint8Array, rules: PickleRules, fault: Fault): Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: Value[] = []
  const marks: number[] = []
  const memo = new Map<number, Value>()
  let at = 0
  let code = 0
  const bad: (problem: string) => never = (problem) => {
    throw fault(`${problem} (opcode ${opcodeName(code)} at byte ${at})`)
  }
  const advance = (count: number): number => {
    if (at + count > bytes.length) bad('the pickle is cut off')
    at += count
    return at - count
  }
  const u8 = (): number => bytes[advance(1)]!
  const u32 = (): number => view.getUint32(advance(4), true)
  const pop = (): Value => {
    if (stack.length <= (marks.at(-1) ?? 0)) bad('the stack is empty')
    return stack.pop()!
  }
  const push = (value: Value): void => void stack.push(value)
  const toMark = (): Value[] => stack.splice(marks.pop() ?? bad('there is no mark'))
  const top = (): Value => (stack.length > (marks.at(-1) ?? 0) ? stack.at(-1)! : bad('the stack is empty'))
  const text = (length: number): string => {
    if (length > MAX_TEXT) bad(`a text of ${length} bytes (limit ${MAX_TEXT})`)
    const from = advance(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, at))
    } catch {
      return bad('a text that is not UTF-8')
    }
  }
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0 || end - at > 200) bad('a name without end')
    const found = text(end - at)
    at++
    return found
  }
  const global = (module: string, name: string): void => {
    const full = `${module}.${name}`
    if (!rules.allowed(full)) throw fault(`it names ${quote(full)}, which is not allowed`, { expected: 'tensors, numbers, text, lists and dicts', remedy: 'Save model.state_dict(), or convert the file to safetensors.' })
    push(new Global(full))
  }
  const remember = (index: number): void => void memo.set(index, top())
  const recall = (index: number): void => push(memo.has(index) ? memo.get(index)! : bad(`nothing was remembered as ${index}`))
  const setItems = (items: readonly Value[]): void => {
    const target = top()
    if (!(target instanceof Map) || items.length % 2 !== 0) bad('items for something that is no dict')
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!
      if (typeof key !== 'string' && typeof key !== 'number') bad('a key that is neither text nor number')
      target.set(key, items[i + 1]!)
    }
  }
  const append = (items: readonly Value[]): void => {
    const target = top()
    if (!Array.isArray(target)) bad('items for something that is no list')
    for (const item of items) target.push(item)
  }
  const number = (length: number): number | bigint => {
    if (length > 16) bad(`a number of ${length} bytes (limit 16)`)
    const from = advance(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[from + i]!)
    value = length === 0 ? 0n : BigInt.asIntN(8 * length, value)
    return BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }

  for (;;) {
    code = u8()
    switch (code) {
      case 0x80: {
        const protocol = u8()
        if (protocol < 2 || protocol > 5) bad(`protocol ${protocol} (expected 2 to 5)`)
        break
      }
      case 0x95: {
        const length = view.getBigUint64(advance(8), true)
        if (length > BigInt(bytes.length - at)) bad(`a frame of ${length} bytes`)
        break
      }
      case 0x4e: push(null); break
      case 0x88: push(true); break
      case 0x89: push(false); break
      case 0x4a: push(view.getInt32(advance(4), true)); break
      case 0x4b: push(u8()); break
      case 0x4d: push(view.getUint16(advance(2), true)); break
      case 0x47: push(view.getFloat64(advance(8), false)); break
      case 0x8a: push(number(u8())); break
      case 0x58: push(text(u32())); break
      case 0x8c: push(text(u8())); break
      case 0x28: marks.push(stack.length); break
      case 0x7d: push(new Map()); break
      case 0x5d: case 0x29: push([]); break
      case 0x85: push([pop()]); break
      case 0x86: push([pop(), pop()].reverse()); break
      case 0x87: push([pop(), pop(), pop()].reverse()); break
      case 0x74: push(toMark()); break
      case 0x73: setItems([pop(), pop()].reverse()); break
      case 0x75: setItems(toMark()); break
      case 0x61: append([pop()]); break
      case 0x65: append(toMark()); break
      case 0x71: remember(u8()); break
      case 0x72: remember(u32()); break
      case 0x94: remember(memo.size); break
      case 0x68: recall(u8()); break
      case 0x6a: recall(u32()); break
      case 0x63: global(line(), line()); break
      case 0x93: {
        const [name, module] = [pop(), pop()]
        if (typeof name !== 'string' || typeof module !== 'string') bad('a name that is no text')
        global(module as string, name as string)
        break
      }
      case 0x51: push(rules.persistent(pop())); break
      case 0x52: {
        const [args, called] = [pop(), pop()]
        if (!(called instanceof Global) || !Array.isArray(args)) bad('a call of something that is no function')
        push(rules.call((called as Global).name, args as Value[]))
        break
      }
      case 0x62: {
        // the attributes of an OrderedDict (PyTorch's _metadata); nothing of them is kept
        const state = pop()
        if (!(state instanceof Map) || !(top() instanceof Map)) bad('attributes for something that is no dict')
        break
      }
      case 0x2e: {
        if (at !== bytes.length) bad('bytes after the end')
        if (stack.length !== 1 || marks.length !== 0) bad('the stack holds other than one value at the end')
        return stack[0]!
      }
      default: throw fault(`the opcode ${opcodeName(code)} at byte ${at - 1} is not allowed`, { expected: 'tensors, numbers, text, lists and dicts', remedy: 'Save model.state_dict(), or convert the file to safetensors.' })
    }
  }
}
