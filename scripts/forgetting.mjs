// @ts-check
// Learning five tasks one after the other on split MNIST (0 or 1, 2 or 3, … : is the digit odd?): plainly, held by elastic weight
// consolidation, and with replay. `node scripts/forgetting.mjs [--seed 0] [--strength 1000] [--memory 500]` prints what is left of
// each task; `--write` puts the table into docs/results.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: options } = parseArgs({ options: { seed: { type: 'string', default: '0' }, strength: { type: 'string', default: '1000' }, memory: { type: 'string', default: '500' }, epochs: { type: 'string', default: '1' }, device: { type: 'string', default: 'wasm' }, write: { type: 'boolean' } } })
const [seed, strength, memorySize, epochs] = [options.seed, options.strength, options.memory, options.epochs].map(Number)
const jiti = createJiti(import.meta.url)
const load = async (/** @type {string} */ file) => /** @type {any} */ (await jiti.import(`${root}src/${file}`))
// one after the other: side by side, each would bring tensors of its own
const { jit, manualSeed, setDevice, tensor, valueAndGrad } = await load('index.ts')
const nn = await load('nn/index.ts')
const data = await load('data/index.ts')
const train = await load('train/index.ts')
const explain = await load('explain/index.ts')
const models = await load('models/index.ts')

const BATCH = 64
setDevice(options.device)
const mnist = await data.mnist()
/** The digits 2t and 2t + 1, labelled even (0) or odd (1). @param {any} whole @param {number} t */
const task = (whole, t) => {
  const rows = [...whole.targets.data.keys()].filter((i) => whole.targets.data[i] >> 1 === t)
  const part = whole.select(rows)
  return new data.Dataset(part.inputs, { dtype: 'int32', shape: [rows.length], data: Int32Array.from(part.targets.data, (/** @type {number} */ d) => d % 2) }, part.options)
}
const tasks = [0, 1, 2, 3, 4].map((t) => ({ train: task(mnist.train, t), test: task(mnist.test, t) }))

/** accuracy[stage][task] of one way of learning. @param {'plain' | 'EWC' | 'replay'} way */
async function learn(way) {
  manualSeed(seed)
  const model = new models.Mlp({ hidden: [100, 100], classes: 2 })
  const optimizer = new nn.Adam(1e-3)
  const random = data.hostRandom(seed, 9)
  const memory = new explain.Reservoir(memorySize, random.next)
  /** @type {any[]} */
  const anchors = []
  const accuracy = []
  for (const [t, { train: own }] of tasks.entries()) {
    const paths = [...model.namedParameters()].map(([path]) => path)
    const lossOf = (/** @type {any[]} */ params, /** @type {any} */ x, /** @type {any} */ y, /** @type {any} */ held) => {
      const named = Object.fromEntries(paths.map((path, i) => [path, params[i]]))
      const loss = nn.crossEntropy(nn.withTensors(model, named).call(x), y)
      return held.length === 0 ? loss : loss.add(explain.ewcPenalty(named, held, strength))
    }
    const step = jit((/** @type {any[]} */ params, /** @type {any} */ state, /** @type {any} */ x, /** @type {any} */ y, /** @type {any} */ held) => {
      const [, grads] = valueAndGrad((/** @type {any[]} */ p) => lossOf(p, own.prepare(x), y, held))(params)
      return optimizer.update(params, grads, state, tensor(1e-3))
    })
    let params = [...model.namedParameters()].map(([, p]) => p)
    let state = optimizer.init(params)
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const batch of data.batches(own, { batchSize: BATCH, shuffle: true, seed, epoch, dropLast: true })) {
        let [x, y] = [batch.inputs, batch.targets]
        if (way === 'replay' && t > 0) {
          // half as many old examples as new ones
          const drawn = Array.from({ length: BATCH / 2 }, () => memory.items[Math.floor(random.next() * memory.items.length)])
          const old = { x: new Uint8Array(drawn.flatMap((e) => [...e.x])), y: Int32Array.from(drawn, (e) => e.y) }
          const whole = new Uint8Array((BATCH + BATCH / 2) * 784)
          whole.set(await x.data())
          whole.set(old.x, BATCH * 784)
          x = tensor(whole, { dtype: 'uint8', shape: [BATCH + BATCH / 2, ...own.exampleShape] })
          y = tensor(Int32Array.from([...(await y.data()), ...old.y]))
        }
        ;({ params, state } = step(params, state, x, y, anchors))
      }
    }
    model.loadState(Object.fromEntries(paths.map((path, i) => [path, params[i]])))
    if (way === 'EWC') {
      const few = own.select(Array.from({ length: 500 }, () => Math.floor(random.next() * own.length)))
      const importance = explain.fisherDiagonal(model, own.prepare(data.toTensor(few.inputs)), data.toTensor(few.targets))
      anchors.push(explain.anchorOf(model, importance))
    }
    if (way === 'replay') for (let i = 0; i < own.length; i++) memory.add({ x: own.inputs.data.subarray(i * 784, (i + 1) * 784), y: own.targets.data[i] })
    accuracy.push(await Promise.all(tasks.map(async ({ test }) => (await train.evaluate(model, test)).accuracy)))
    console.error(`${way}, task ${t + 1}: ${accuracy[t]?.map((/** @type {number} */ a) => (100 * a).toFixed(1)).join(' ')}`)
  }
  return accuracy
}

const percent = (/** @type {number} */ x) => `${(100 * x).toFixed(1)} %`
const began = process.cpuUsage()
const rows = []
for (const way of /** @type {const} */ (['plain', 'EWC', 'replay'])) {
  const accuracy = await learn(way)
  const { average, forgetting } = explain.forgetting(accuracy)
  rows.push(`| ${way} | ${accuracy[4]?.map(percent).join(' | ')} | ${percent(average)} | ${percent(forgetting)} |`)
}
const used = process.cpuUsage(began)
const text = `## Forgetting

Split MNIST: five tasks one after the other (0 or 1, 2 or 3, 4 or 5, 6 or 7, 8 or 9: is the digit odd?), one network 784-100-100-2, Adam 0.001, batches of ${BATCH}, ${epochs} epoch${epochs === 1 ? '' : 's'} each. EWC: λ ${strength}, Fisher diagonal from 500 examples a task. Replay: ${memorySize} examples kept, half as many old ones as new ones in a batch. Accuracy on each task’s test images after the last; forgetting is the mean loss from a task’s best. ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}, ${options.device}, seed ${seed}, ${((used.user + used.system) / 1e6).toFixed(0)} s of processor time: \`node scripts/forgetting.mjs --write\`.

| | 0/1 | 2/3 | 4/5 | 6/7 | 8/9 | average | forgetting |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
console.log(text)
if (options.write) {
  const file = `${root}docs/results.md`
  const [open, close] = ['<!-- forgetting: written by scripts/forgetting.mjs -->', '<!-- end of forgetting -->']
  const old = readFileSync(file, 'utf8')
  const section = `${open}\n${text}${close}`
  const at = old.indexOf(open)
  writeFileSync(file, at < 0 ? `${old.trimEnd()}\n\n${section}\n` : old.slice(0, at) + section + old.slice(old.indexOf(close) + close.length))
}
