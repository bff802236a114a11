// The child of test/data-workers.test.ts: reads a folder of pictures with two worker threads in one of several ways.
import { imageFolder } from '../../src/data/index.ts'
import { Flatten, Linear, SGD, Sequential, crossEntropy } from '../../src/nn/index.ts'
import { setDevice } from '../../src/tensor/index.ts'
import { fit } from '../../src/train/index.ts'

const [how, folder] = process.argv.slice(2) as [string, string]
const data = await imageFolder(folder, { size: 8, workers: 2 })
if (how === 'aborted') {
  await setDevice('wasm', { threads: 1 })
  const stop = new AbortController()
  const { reason } = await fit(new Sequential(new Flatten(), new Linear(192, 2)), data, {
    epochs: 1000, batchSize: 3, loss: crossEntropy, optimizer: new SGD(0.1), signal: stop.signal, callbacks: [{ onEpoch: () => stop.abort() }],
  })
  process.stdout.write(`${reason}\n`)
} else {
  let batches = 0
  do {
    for await (const _ of data.batches({ batchSize: 3 })) {
      batches++
      if (how === 'stopped') break
      if (how === 'endless' && batches === 1) process.stdout.write('ready\n')
    }
  } while (how === 'endless')
  process.stdout.write(`batches ${batches}\n`)
}
