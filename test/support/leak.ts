// The child of test/leak.alone.test.ts: 10⁵ eager operations on one device, some read, most not. Prints the largest
// resident size seen, in MB.
import { type DeviceName, manualSeed, normal, setDevice } from '../../src/tensor/index.ts'

const device = process.argv[2] as DeviceName
await setDevice(device, device === 'wasm' ? { threads: 1 } : {})
manualSeed(1)
let peak = 0
const look = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss() / 1e6)
}
/** 250 000 numbers two hundred times are 200 MB: values that nobody holds must go without a word from the user. */
const big = device === 'reference' ? 1_000 : 250_000
let x = normal([device === 'reference' ? 50 : 1000])
let sum = 0
for (let i = 0; i < 100_000; i++) {
  x = i % 2 === 0 ? x.mul(0.999) : x.add(0.001)
  // the second half computes often; the first leaves it to reading and to the limit of pending operations
  if (i % 50 === 0 && (i > 50_000 || device === 'native')) x.realize()
  if (i % 500 === 499) {
    sum += await x.mean().item()
    const y = normal([big]).mul(2).add(x.at(0)).realize()
    sum += await y.max().item()
    look()
  }
}
look()
if (!Number.isFinite(sum)) throw new Error('the sum is not finite')
process.stdout.write(`${Math.round(peak)}\n`)
