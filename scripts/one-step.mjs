// @ts-check
// One training step of the large architectures at their published sizes: parameters, loss before and after, time, memory.
// `node scripts/one-step.mjs [NAME…] [--device native]` prints a table; `--write` puts it into docs/results.md.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url)
const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { device: { type: 'string', default: 'auto' }, write: { type: 'boolean' }, child: { type: 'boolean' } } })

/**
 * Name → model, input (pixels of a side, or tokens), batch, classes.
 * @type {Record<string, { build: (m: any) => any, picture?: number, tokens?: number, batch: number, classes: number }>}
 */
const TASKS = {
  'ResNet-18': { build: (m) => m.resnet18(), picture: 224, batch: 4, classes: 1000 },
  'ResNet-50': { build: (m) => m.resnet50(), picture: 224, batch: 2, classes: 1000 },
  AlexNet: { build: (m) => new m.AlexNet({ dropout: 0 }), picture: 224, batch: 4, classes: 1000 },
  'VGG-16': { build: (m) => new m.VGG({ depth: 16, dropout: 0 }), picture: 224, batch: 1, classes: 1000 },
  'ViT-B/16': { build: (m) => new m.ViT(), picture: 224, batch: 1, classes: 1000 },
  'GPT-2': { build: (m) => new m.GPT(m.gptSizes.gpt2), tokens: 128, batch: 1, classes: 50257 },
  'BERT base': { build: (m) => new m.BertForMaskedLM({ ...m.bertBase, dropout: 0 }), tokens: 128, batch: 1, classes: 30522 },
}

/** Runs one task in this process and prints one line of JSON. */
async function runOne(/** @type {string} */ name) {
  const task = TASKS[name]
  if (task === undefined) throw new Error(`no such model: ${name}; there are ${Object.keys(TASKS).join(', ')}`)
  const g = /** @type {any} */ (await jiti.import('../src/index.ts'))
  const nn = /** @type {any} */ (await jiti.import('../src/nn/index.ts'))
  const models = /** @type {any} */ (await jiti.import('../src/models/index.ts'))
  g.setDevice(options.device)
  g.manualSeed(1)
  const model = task.build(models)
  const paths = model.namedParameters().map((/** @type {any} */ [path]) => path)
  const x = task.tokens ? g.randint(0, task.classes, [task.batch, task.tokens]) : g.normal([task.batch, 3, task.picture, task.picture])
  const y = g.randint(0, task.classes, task.tokens ? [task.batch, task.tokens] : [task.batch])
  const optimizer = new nn.SGD(0.01)
  const named = (/** @type {any[]} */ list) => Object.fromEntries(paths.map((/** @type {string} */ path, /** @type {number} */ i) => [path, list[i]]))
  const step = g.jit((/** @type {any[]} */ params, /** @type {any} */ state, /** @type {any} */ inputs, /** @type {any} */ labels) => {
    const [loss, grads] = g.valueAndGrad((/** @type {any[]} */ list) => nn.crossEntropy(nn.withTensors(model, named(list)).call(inputs), labels))(params)
    return { ...optimizer.update(params, grads, state, g.tensor(optimizer.rate(0))), loss }
  }, { donate: [0] })
  const params = model.parameters()
  const seconds = async (/** @type {() => Promise<any>} */ body) => {
    const start = performance.now()
    const value = await body()
    return { value, seconds: (performance.now() - start) / 1000 }
  }
  const start = await seconds(async () => g.realize(params, x, y))
  const state = optimizer.init(params)
  const first = await seconds(async () => {
    const next = step(params, state, x, y)
    return { ...next, loss: await next.loss.item() }
  })
  const second = await seconds(async () => {
    const next = step(first.value.params, first.value.state, x, y)
    return next.loss.item()
  })
  console.log(JSON.stringify({
    name, parameters: model.parameterCount(), input: [...x.shape], device: g.currentDevice(), start: start.seconds, compile: first.seconds - second.seconds, step: second.seconds,
    before: first.value.loss, after: second.value, memory: process.resourceUsage().maxRSS / 2 ** 20,
  }))
}

if (options.child) {
  await runOne(positionals[0] ?? '')
} else {
  const names = positionals.length > 0 ? positionals : Object.keys(TASKS)
  const rows = names.map((name) => {
    const text = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--child', '--device', String(options.device), name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    const r = JSON.parse(text.trim().split('\n').at(-1) ?? '')
    console.log(JSON.stringify(r))
    return r
  })
  const table = [
    '| model | parameters | input | device | loss before → after one step | compiling | one step | memory |', '|---|---|---|---|---|---|---|---|',
    ...rows.map((r) => `| ${r.name} | ${r.parameters.toLocaleString('en').replaceAll(',', ' ')} | ${r.input.join(' × ')} | ${r.device} | ${r.before.toFixed(3)} → ${r.after.toFixed(3)} | ${r.compile.toFixed(1)} s | ${r.step.toFixed(1)} s | ${r.memory.toFixed(1)} GiB |`),
  ]
  const text = ['## Large models, one step', '', `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}; random weights and data, seed 1, cross-entropy, SGD 0.01. Times of one run on a machine with other work: an order of magnitude, not a benchmark. Compiling includes the first step’s tracing.`, '', ...table, ''].join('\n')
  console.log(text)
  if (options.write) {
    const file = `${root}docs/results.md`
    const [open, close] = ['<!-- one step: written by scripts/one-step.mjs -->', '<!-- end of one step -->']
    const old = readFileSync(file, 'utf8')
    const section = `${open}\n${text}${close}`
    const at = old.indexOf(open)
    writeFileSync(file, at < 0 ? `${old.trimEnd()}\n\n${section}\n` : old.slice(0, at) + section + old.slice(old.indexOf(close) + close.length))
  }
}
