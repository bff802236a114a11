// Loads and stores: storage types to register types and back.
import { type DType, DeviceError } from '../../base/index.ts'
import type { VType } from '../../ir/index.ts'
import { type Code, V128 } from './assembler.ts'
import type { Node } from './nodes.ts'
import type { Writer } from './scalar-ops.ts'

const ALIGN: Record<DType, number> = { float32: 2, int32: 2, float64: 3, uint8: 0, bool: 0 }

/** The address is on the stack. */
export function loadInstruction(code: Code, node: Node): void {
  const dtype = node.dtype!
  const narrow = dtype === 'uint8' || dtype === 'bool'
  if (node.type.lanes === 1) {
    code.op(narrow ? 0x2d : dtype === 'float32' ? 0x2a : dtype === 'float64' ? 0x2b : 0x28).memarg(ALIGN[dtype], node.value)
    if (dtype === 'bool') code.op(0x45).op(0x45)
    return
  }
  if (!narrow) {
    code.simd(0x00).memarg(ALIGN[dtype], node.value)
    return
  }
  // Four bytes, widened twice with zeros; then x > 0 is a mask.
  code.simd(0x5c).memarg(0, node.value).simd(0x89).simd(0xa9)
  if (dtype === 'bool') code.i32Const(0).simd(0x11).simd(0x3b)
}

/** Address and value are on the stack. */
export function storeInstruction(w: Writer, dtype: DType, type: VType, offset: number): void {
  const { code } = w
  const narrow = dtype === 'uint8' || dtype === 'bool'
  const fits = dtype === 'float32' ? 'f32' : dtype === 'float64' ? 'f64' : dtype === 'bool' ? 'bool' : 'i32'
  if (type.t !== fits) throw new DeviceError('wasm', `a store of ${type.t} to a ${dtype} buffer`, { expected: fits })
  if (type.lanes === 1) {
    code.op(narrow ? 0x3a : dtype === 'float32' ? 0x38 : dtype === 'float64' ? 0x39 : 0x36).memarg(ALIGN[dtype], offset)
    return
  }
  if (!narrow) {
    code.simd(0x0b).memarg(ALIGN[dtype], offset)
    return
  }
  // The low byte of every lane, gathered into lane 0.
  const v = w.temp(V128)
  code.set(v).get(v).get(v).simd(0x0d).bytes([0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12])
  if (dtype === 'bool') code.i32Const(1).simd(0x0f).simd(0x4e)
  code.simd(0x5a).memarg(0, offset).byte(0)
}
