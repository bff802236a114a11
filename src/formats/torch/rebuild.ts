// What a PyTorch pickle may name: storages, tensors over them, parameters, OrderedDict, types. Everything else is refused.
import { type ElementType, rawSize } from '../elements/element-types.ts'
import { type Fault, quote } from '../fault.ts'
import { isCount } from '../strict-json.ts'
import { Global, type PickleRules, type Value } from './pickle.ts'

/** A storage: a member of the archive full of elements of one type. */
export interface Storage {
  readonly made: 'storage'
  /** null: bytes without a type, given by the tensor. */
  readonly type: ElementType | null
  readonly key: string
  /** Elements, or bytes where there is no type. */
  readonly length: number
}
/** A strided view of a storage. */
export interface TorchTensor {
  readonly made: 'tensor'
  readonly storage: Storage
  readonly type: ElementType
  /** In elements. */
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

const STORAGES = new Map<string, ElementType | null>([
  ['torch.FloatStorage', 'F32'], ['torch.DoubleStorage', 'F64'], ['torch.HalfStorage', 'F16'], ['torch.BFloat16Storage', 'BF16'], ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'], ['torch.ShortStorage', 'I16'], ['torch.CharStorage', 'I8'], ['torch.ByteStorage', 'U8'], ['torch.BoolStorage', 'BOOL'],
  ['torch.ComplexFloatStorage', 'C64'], ['torch.storage.UntypedStorage', null],
])
const TYPES = new Map<string, ElementType>([
  ['torch.float32', 'F32'], ['torch.float64', 'F64'], ['torch.float16', 'F16'], ['torch.bfloat16', 'BF16'], ['torch.int64', 'I64'], ['torch.int32', 'I32'],
  ['torch.int16', 'I16'], ['torch.int8', 'I8'], ['torch.uint8', 'U8'], ['torch.uint16', 'U16'], ['torch.uint32', 'U32'], ['torch.uint64', 'U64'], ['torch.bool', 'BOOL'],
  ['torch.complex64', 'C64'], ['torch.float8_e4m3fn', 'F8_E4M3'], ['torch.float8_e5m2', 'F8_E5M2'], ['torch.float8_e4m3fnuz', 'F8_E4M3FNUZ'],
  ['torch.float8_e5m2fnuz', 'F8_E5M2FNUZ'], ['torch.float8_e8m0fnu', 'F8_E8M0'],
])
const CALLS = new Set(['torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor_v3', 'torch._utils._rebuild_parameter', 'torch.nn.parameter.Parameter', 'collections.OrderedDict', 'torch.Size'])
const MAX_RANK = 64

const isMade = <T extends { readonly made: string }>(value: Value | undefined, made: T['made']): value is T & Value => typeof value === 'object' && value !== null && 'made' in value && value.made === made
export const isTensor = (value: Value | undefined): value is TorchTensor & Value => isMade<TorchTensor>(value, 'tensor')

/** The rules of a PyTorch file. */
export function torchRules(fault: Fault): PickleRules {
  const counts = (value: Value | undefined): number[] | null => (Array.isArray(value) && value.length <= MAX_RANK && value.every(isCount) ? (value as number[]) : null)

  const tensor = (name: string, args: readonly Value[]): TorchTensor => {
    const [storage, offset, size, stride] = args
    const [shape, strides] = [counts(size), counts(stride)]
    if (!isMade<Storage>(storage, 'storage') || !isCount(offset) || shape === null || strides === null || shape.length !== strides.length) throw fault(`bad arguments of ${name}`, { expected: 'a storage, an offset, a size and a stride' })
    const dtype = name.endsWith('_v3') ? args[6] : undefined
    const type = dtype instanceof Global ? (TYPES.get(dtype.name) ?? null) : storage.type
    if (type === null || (storage.type !== null && storage.type !== type)) throw fault(`bad arguments of ${name}`, { expected: 'a storage of the type of its tensor' })
    const elements = storage.type === null ? Math.floor(storage.length / rawSize(type, [])) : storage.length
    const count = shape.reduce((n, d) => n * d, 1)
    const last = count === 0 ? offset - 1 : shape.reduce((sum, d, i) => sum + (d - 1) * strides[i]!, offset)
    if (!(last < elements)) throw fault('a tensor reaches beyond its storage', { expected: `at most ${elements} elements`, received: `offset ${offset}, size [${shape.join(',')}], stride [${strides.join(',')}]` })
    if (count > elements) throw fault('a tensor has more elements than its storage', { expected: `at most ${elements}`, received: `size [${shape.join(',')}], stride [${strides.join(',')}]`, remedy: 'Save tensor.contiguous().' })
    return { made: 'tensor', storage, type, offset, shape, strides }
  }

  return {
    allowed: (name) => CALLS.has(name) || STORAGES.has(name) || TYPES.has(name),
    persistent: (id) => {
      const [kind, type, key, , length] = Array.isArray(id) ? id : []
      if (kind !== 'storage' || !(type instanceof Global) || !STORAGES.has(type.name) || typeof key !== 'string' || !/^[\w.-]{1,64}$/.test(key) || !isCount(length)) throw fault('bad persistent id', { expected: "('storage', type, key, device, length)" })
      return { made: 'storage', type: STORAGES.get(type.name)!, key, length } satisfies Storage
    },
    call: (name, args) => {
      if (name.startsWith('torch._utils._rebuild_tensor')) return tensor(name, args)
      if (name === 'torch._utils._rebuild_parameter' || name === 'torch.nn.parameter.Parameter') {
        if (!isTensor(args[0])) throw fault(`bad arguments of ${name}`, { expected: 'a tensor' })
        return args[0]
      }
      if (name === 'torch.Size') {
        const sizes = counts(args[0])
        if (sizes === null) throw fault(`bad arguments of ${name}`, { expected: 'whole numbers' })
        return sizes
      }
      if (name === 'collections.OrderedDict') {
        const out = new Map<string | number, Value>()
        const pairs = args.length === 0 ? [] : args[0]
        if (!Array.isArray(pairs)) throw fault(`bad arguments of ${name}`, { expected: 'pairs' })
        for (const pair of pairs) {
          const [key, value] = Array.isArray(pair) ? pair : []
          if ((typeof key !== 'string' && typeof key !== 'number') || value === undefined) throw fault(`bad arguments of ${name}`, { expected: 'pairs of a name and a value' })
          out.set(key, value)
        }
        return out
      }
      throw fault(`${quote(name)} cannot be called`)
    },
  }
}

/** A type as a value (torch.float32 in a configuration) is its name. */
export const typeName = (value: Value): string | undefined => (value instanceof Global && TYPES.has(value.name) ? value.name : undefined)
