// The child of test/large-file.test.ts: trains on a file of rows (float32, the last number is the target) larger than the
// memory it may take; prints rows seen, updates, and by how many MB its resident memory grew at most.
import { Stream, StreamingDataset, arrayRows } from '../../src/data/index.ts'
import { Linear, SGD, mse } from '../../src/nn/index.ts'
import { setDevice } from '../../src/tensor/index.ts'
import { fit } from '../../src/train/index.ts'

await setDevice('wasm', { threads: 1 })
const [files, width] = [process.argv[2]!.split(','), Number(process.argv[3])]
const start = process.memoryUsage.rss()
let peak = start
let rows = 0
const stream = Stream.concat(...(await Promise.all(files.map((file) => arrayRows(file))))).map(({ data }) => {
  if (rows++ % 64 === 0) peak = Math.max(peak, process.memoryUsage.rss())
  return { inputs: data.subarray(0, width - 1), targets: data.subarray(width - 1) }
}).shuffle(64).prefetch(4)
const { steps } = await fit(new Linear(width - 1, 1), new StreamingDataset(stream), { epochs: 1, batchSize: 64, loss: mse, optimizer: new SGD(0) })
process.stdout.write(JSON.stringify({ rows, steps, grown: Math.round((peak - start) / 1e6) }))
