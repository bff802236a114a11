// TensorBoard's event files: every value of a run as it goes, in the format of tensorflow/core/util/event.proto, each record
// framed as TFRecord (length and data with masked CRC-32C).
import { nodeModule, textOf } from '../../base/index.ts'
import type { Callback } from '../types.ts'
import { BinaryWriter } from '@bufbuild/protobuf/wire'

type Scalars = readonly (readonly [tag: string, value: number])[]

/**
 * Writes loss, metrics and learning rate to an event file in `folder`, which `tensorboard --logdir` shows. A resumed run adds a
 * file of its own, as TensorBoard expects.
 *
 * @example
 * ```ts no-run
 * import { Dataset } from 'gradus/data'
 * import { Linear, SGD, mse } from 'gradus/nn'
 * import { fit, tensorboard } from 'gradus/train'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * await fit(new Linear(1, 1), data, { epochs: 10, loss: mse, optimizer: new SGD(0.01), callbacks: [tensorboard('logs')] })
 * ```
 */
export function tensorboard(folder: string): Callback {
  textOf('tensorboard', 'folder', folder)
  let file = ''
  const append = async (step: number, scalars: Scalars): Promise<void> => {
    const { appendFile } = nodeModule<typeof import('node:fs')>('node:fs', 'tensorboard').promises
    await appendFile(file, record(event(Date.now() / 1000, step, scalars)))
  }
  return {
    async onStart() {
      const fs = nodeModule<typeof import('node:fs')>('node:fs', 'tensorboard').promises
      const { join } = nodeModule<typeof import('node:path')>('node:path', 'tensorboard')
      const { hostname } = nodeModule<typeof import('node:os')>('node:os', 'tensorboard')
      await fs.mkdir(folder, { recursive: true })
      const now = Date.now() / 1000
      // the number of the process keeps two runs of one second apart
      file = join(folder, `events.out.tfevents.${Math.floor(now)}.${hostname()}.${globalThis.process.pid}.gradus`)
      await fs.writeFile(file, record(event(now, 0, 'brain.Event:2')))
    },
    onProgress: (run, { values }) => append(run.step, Object.entries(values).map(([name, value]) => [`train/${name}`, value] as const)),
    onEpoch: (run, { epoch: _, seconds: __, learningRate, ...values }) =>
      append(run.step, [
        ...Object.entries(values).map(([name, value]) => [name.startsWith('val_') ? `validation/${name.slice(4)}` : `epoch/${name}`, value] as const),
        ['learning_rate', learningRate],
      ]),
  }
}

/** An Event: wall_time = 1, step = 2, file_version = 3 or summary = 5 { value = 1 { tag = 1, simple_value = 2 } }. */
function event(seconds: number, step: number, content: string | Scalars): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, 1).double(seconds).tag(2, 0).int64(step)
  if (typeof content === 'string') return writer.tag(3, 2).string(content).finish()
  writer.tag(5, 2).fork()
  for (const [tag, value] of content) writer.tag(1, 2).fork().tag(1, 2).string(tag).tag(2, 5).float(value).join()
  return writer.join().finish()
}

/** A TFRecord: length (8 bytes), its checksum, data, its checksum. */
export function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16)
  const view = new DataView(out.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc(out.subarray(0, 8)), true)
  out.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc(data), true)
  return out
}

const TABLE = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  return c
})
/** CRC-32C (Castagnoli), turned and shifted as TFRecord has it, so that a checksum of data with checksums means something. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  crc = (crc ^ 0xffffffff) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
