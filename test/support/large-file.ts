// The child of test/large-file.test.ts: trains on a file of rows (float32, the last number is the target) larger than the
// memory it may take; prints rows seen, updates, by how many MB its resident memory grew at most, and by how many of them
// in the second half of the rows.
import { Stream, StreamingDataset, arrayRows } from '../../src/data/index.ts'
import { Linear, SGD, mse } from '../../src/nn/index.ts'
import { setDevice } from '../../src/tensor/index.ts'
import { fit } from '../../src/train/index.ts'

await setDevice('wasm', { threads: 1 })
const [files, width] = [process.argv[2]!.split(','), Number(process.argv[3])]
const total = Number(process.argv[4])
const start = process.memoryUsage.rss()
let [peak, half] = [start, start]
let rows = 0
const stream = Stream.concat(...(await Promise.all(files.map((file) => arrayRows(file))))).map(({ data }) => {
  if (rows++ % 64 === 0) peak = Math.max(peak, process.memoryUsage.rss())
  if (rows === total / 2) half = peak
  return { inputs: data.subarray(0, width - 1), targets: data.subarray(width - 1) }
}).shuffle(64).prefetch(4)
const { steps } = await fit(new Linear(width - 1, 1), new StreamingDataset(stream), { epochs: 1, batchSize: 64, loss: mse, optimizer: new SGD(0) })
process.stdout.write(JSON.stringify({ rows, steps, grown: Math.round((peak - start) / 1e6), later: Math.round((peak - half) / 1e6) }))
