// The networks run by Gradus.
import { type Tensor, jit, tensor } from 'gradus'
import { importOnnx } from 'gradus/formats'
import { open } from './files.ts'
import type { Runner, Value } from './models.ts'

const toTensor = (x: Value | Tensor): Tensor => ('type' in x ? tensor(x.data, { shape: x.shape, dtype: x.type === 'int64' ? 'int32' : x.type }) : x)
const isWhole = (x: Value | Tensor): x is Value => 'type' in x && x.type !== 'float32'

/** As it comes: for networks whose shapes change from call to call. Programs of one layer each are kept. */
export function eager(path: string): Runner<Tensor> {
  const net = importOnnx(open(path))
  return {
    run: async (inputs) => net.run(Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, toTensor(x)]))),
    read: async (x) => (await x.data()) as Float32Array,
  }
}
/** As one program: for networks whose shapes stay. What is no float (a sampling rate) decides about the program's form. */
export function compiled(path: string): Runner<Tensor> {
  const net = importOnnx(open(path))
  let fixed: Record<string, Tensor> | null = null
  const program = jit((floats: Record<string, Tensor>) => net.run({ ...floats, ...fixed }))
  return {
    run: async (inputs) => {
      const entries = Object.entries(inputs)
      fixed ??= Object.fromEntries(entries.filter(([, x]) => isWhole(x)).map(([name, x]) => [name, toTensor(x)]))
      return program(Object.fromEntries(entries.filter(([, x]) => !isWhole(x)).map(([name, x]) => [name, toTensor(x)])))
    },
    read: async (x) => (await x.data()) as Float32Array,
  }
}
