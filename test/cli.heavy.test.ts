// The command as users call it: train, evaluate, predict, doctor, users' files, mistakes; on small data.
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../src/data/index.ts'
import { type Result, build, command, gradus, remove, smallMnist, start } from './cli-helper.ts'
import { probeDevices } from './support/devices.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-cli-'))
let held: Dataset
let trained: Result
const noGpu = (await probeDevices()).find((d) => d.name === 'webgpu')!.missing
/** Everything that moves the cursor or colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const COLOR = /\u001b\[\d+(;\d+)*m/

beforeAll(async () => {
  build()
  ;({ test: held } = await smallMnist(join(folder, 'data'), 3000, 500))
  trained = await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '5', '--seed', '1', '--out', 'run', '--threads', '2')
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  remove()
})

describe('train', () => {
  test('says what it does, ends with 0, and leaves a run', () => {
    expect(trained.stderr).toBe('')
    expect(trained.code).toBe(0)
    expect(trained.stdout).toMatch(/digits, mlp, (wasm|native) with 2 threads, seed 1/)
    expect(trained.stdout).toMatch(/3 000 training examples from/)
    expect(trained.stdout).toMatch(/Total: 235 146 parameters/)
    expect(trained.stdout.match(/^epoch \d\/5 {2}loss [\d.]+ {2}accuracy [\d.]+ % {2}[\d ]+ samples\/s {2}[\d.]+ s(?: {2}[▁-█]+)?$/gm)).toHaveLength(5)
    expect(trained.stdout).toMatch(/^Test error [\d.]+ % \(the lecture’s figure for neural networks: 1\.75 %\), accuracy [\d.]+ %/m)
    expect(trained.stdout).toMatch(/The run is in run \(curves: run\/report\.html\)\. Next:\n {2}npx gradus evaluate run\n {2}npx gradus predict run picture\.png\n$/)
    expect(readdirSync(join(folder, 'run')).map((name) => name.replace(/-\d+-[0-9a-f]{8}/, '')).sort()).toEqual(['last.json', 'last.progress.json', 'last.training.safetensors', 'last.weights.safetensors', 'log.csv', 'report.html', 'run.json'])
    expect(readFileSync(join(folder, 'run/log.csv'), 'utf8').trim().split('\n')).toHaveLength(6)
  })
  test('without a terminal there are no control codes', () => expect(trained.stdout).not.toMatch(CONTROL))

  test('--json: one object with exactly these fields as the only line on stdout; progress on stderr', async () => {
    const { code, stdout, stderr } = await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--model', 'lecture', '--batch', '50', '--lr', '1', '--seed', '7', '--threads', '1', '--json')
    expect(code).toBe(0)
    expect(stderr).toMatch(/epoch 1\/1/)
    expect(stderr).not.toMatch(CONTROL)
    expect(stdout.endsWith('\n')).toBe(true)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const result = JSON.parse(stdout) as Record<string, unknown>
    expect(Object.keys(result)).toEqual(['model', 'parameters', 'seed', 'device', 'threads', 'epochs', 'trainLoss', 'testAccuracy', 'testError', 'seconds', 'samplesPerSecond', 'out'])
    expect(result).toMatchObject({ model: 'lecture', parameters: 23860, seed: 7, device: expect.stringMatching(/wasm|native/), threads: 1, epochs: 1, trainLoss: expect.any(Number), out: expect.stringMatching(/^runs\/digits-/) })
    expect((result.testAccuracy as number) + (result.testError as number)).toBeCloseTo(1, 9)
    expect(result.samplesPerSecond).toBeGreaterThan(0)
  })
  test('--profile: a table of kernels, and the course of time in the run’s folder', async () => {
    const { code, stdout } = await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--out', 'profiled', '--device', 'wasm', '--profile')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Profile: [\d.]+ s, of it [\d.]+ s in kernels/m)
    expect(stdout).toMatch(/^This machine reaches \d+ GFLOP\/s and [\d.]+ GB\/s at most\.$/m)
    expect(stdout).toMatch(/^ +[\d.]+ +[\d.]+ % +\d+ +[\d.]+ +[\d.]+ {2}gemm_\w+$/m)
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'profiled/trace.json'), 'utf8')) as { traceEvents: { name: string }[] }
    expect(traceEvents.some(({ name }) => name.startsWith('gemm_'))).toBe(true)
  })
  test.skipIf(noGpu !== null)(`--device webgpu: the numbers of wasm; doctor shows the adapter${noGpu === null ? '' : ` (${noGpu})`}`, async () => {
    const run = async (device: string) => JSON.parse((await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--model', 'lecture', '--batch', '500', '--seed', '7', '--device', device, '--json')).stdout) as Record<string, unknown>
    const [gpu, wasm] = [await run('webgpu'), await run('wasm')]
    expect(gpu).toMatchObject({ device: 'webgpu', parameters: 23860, epochs: 1 })
    expect(gpu.trainLoss).toBeCloseTo(wasm.trainLoss as number, 4)
    expect(gpu.testAccuracy).toBeCloseTo(wasm.testAccuracy as number, 2)
    expect((await gradus(folder, 'doctor')).stdout).toMatch(/^device webgpu +works: .+; buffers up to \d+ MiB$/m)
  })
  test('the same seed on one and two threads: the same bits; another seed: others', async () => {
    const run = async (name: string, ...more: string[]) => {
      await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--out', name, ...more)
      return readFileSync(join(folder, name, readdirSync(join(folder, name)).find((n) => n.includes('weights'))!))
    }
    const one = await run('t1', '--threads', '1')
    expect((await run('t2', '--threads', '2')).equals(one)).toBe(true)
    expect((await run('t3', '--seed', '2')).equals(one)).toBe(false)
  })
  test('a folder that holds a run is not written over', async () => {
    const before = readdirSync(join(folder, 'run'))
    const { code, stderr } = await gradus(folder, 'train', 'digits', '--data', 'data', '--out', 'run')
    expect(code).toBe(1)
    expect(stderr).toMatch(/run holds a run already.*--resume run/)
    expect(readdirSync(join(folder, 'run'))).toEqual(before)
  })
  test('a finished run that is resumed says its result again', async () => {
    const { code, stdout } = await gradus(folder, 'train', 'digits', '--resume', 'run', '--json')
    expect(code).toBe(0)
    const error = /Test error ([\d.]+) %/.exec(trained.stdout)![1]
    expect((JSON.parse(stdout) as { testError: number; epochs: number }).testError * 100).toBeCloseTo(Number(error), 6)
  })
})

describe('on a terminal', () => {
  const inTerminal = (env: Record<string, string>) => start(['-qec', `stty cols 120; exec ${process.execPath} ${command()} train digits --data data --epochs 2 --batch 1 --model lenet --threads 1 --out tty-${Math.random()}`, '/dev/null'], { cwd: folder, env: { TERM: 'xterm', ...env }, program: 'script' }).done
  test.skipIf(process.platform !== 'linux')('a bar that redraws itself, in colour', async () => {
    const { stdout, code } = await inTerminal({})
    expect(code).toBe(0)
    // how often depends on the machine's speed
    expect(stdout).toMatch(/\repoch \d\/2 {2}[^\r]*?━+[^\r]*? \d+ %[^\r]* left/)
    expect(stdout).toMatch(COLOR)
  })
  test.skipIf(process.platform !== 'linux')('NO_COLOR: no colour; TERM=dumb: nothing but text', async () => {
    expect((await inTerminal({ NO_COLOR: '1' })).stdout).not.toMatch(COLOR)
    expect((await inTerminal({ TERM: 'dumb' })).stdout.replaceAll('\r\n', '\n')).not.toMatch(CONTROL)
  })
})

describe('evaluate', () => {
  test('as a table, and as JSON with the same numbers as the end of training', async () => {
    const { stdout, code } = await gradus(folder, 'evaluate', 'run')
    expect(code).toBe(0)
    expect(stdout).toMatch(/of 500 right: accuracy/)
    expect(stdout).toMatch(/class +precision +recall +F1 +examples/)
    const json = JSON.parse((await gradus(folder, 'evaluate', 'run', '--json')).stdout) as { accuracy: number; confusion: number[][]; classes: { name: string; precision: number; recall: number; support: number }[] }
    expect(`${((1 - json.accuracy) * 100).toFixed(2)}`).toBe(/Test error ([\d.]+) %/.exec(trained.stdout)![1])
    expect(json.confusion.flat().reduce((a, b) => a + b)).toBe(500)
    const three = json.classes[3]!
    expect(three.support).toBe([...held.targets.data].filter((label) => label === 3).length)
    expect(three.recall).toBeCloseTo(json.confusion[3]![3]! / three.support, 12)
    expect(three.precision).toBeCloseTo(json.confusion[3]![3]! / json.confusion.reduce((sum, row) => sum + row[3]!, 0), 12)
  })
  test('a folder that is no run, a damaged checkpoint', async () => {
    expect(await gradus(folder, 'evaluate', 'data')).toMatchObject({ code: 1, stderr: expect.stringMatching(/data is not the folder of a run/) })
    const weights = readdirSync(join(folder, 't1')).find((name) => name.includes('weights'))!
    writeFileSync(join(folder, 't1', weights), 'x')
    expect(await gradus(folder, 'evaluate', 't1')).toMatchObject({ code: 1, stderr: expect.stringMatching(/damaged/) })
  })
})

/** A test digit drawn large somewhere on a sheet: RGBA. */
function sheet(i: number, scale: number, ink: number, paper: number): { width: number; height: number; data: Buffer } {
  const [width, height] = [Math.round(34 * scale), Math.round(40 * scale)]
  const data = Buffer.alloc(width * height * 4, 255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sx, sy] = [Math.floor(x / scale - 4), Math.floor(y / scale - 2)]
      const share = sx >= 0 && sx < 28 && sy >= 0 && sy < 28 ? held.inputs.data[i * 784 + sy * 28 + sx]! / 255 : 0
      data.fill(Math.round(paper + (ink - paper) * share), 4 * (y * width + x), 4 * (y * width + x) + 3)
    }
  }
  return { width, height, data }
}
const asPng = (s: ReturnType<typeof sheet>): Buffer => {
  const png = new PNG({ width: s.width, height: s.height })
  s.data.copy(png.data)
  return PNG.sync.write(png)
}

describe('predict', () => {
  test('PNG and JPEG, dark on light and light on dark, small and large: what the network says of the digit itself', async () => {
    const files: string[] = []
    const digits = [...Array(12).keys()]
    for (const i of digits) {
      const forms: [string, Buffer][] = [
        ['tiny.png', asPng(sheet(i, 1, 255, 0))],
        ['dark.png', asPng(sheet(i, 7, 20, 240))],
        ['light.png', asPng(sheet(i, 12, 255, 30))],
        ['dark.jpg', Buffer.from(jpeg.encode(sheet(i, 9, 10, 250), 80).data)],
        ['light.jpeg', Buffer.from(jpeg.encode(sheet(i, 25, 230, 60), 60).data)],
      ]
      for (const [name, bytes] of forms) {
        writeFileSync(join(folder, `${i}-${name}`), bytes)
        files.push(`${i}-${name}`)
      }
    }
    const { stdout, code, stderr } = await gradus(folder, 'predict', 'run', ...files, '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { predictions } = JSON.parse(stdout) as { predictions: { file: string; class: string; probability: number; probabilities: Record<string, number> }[] }
    expect(predictions).toHaveLength(60)
    for (const p of predictions) {
      const all = Object.values(p.probabilities)
      expect(Object.keys(p.probabilities)).toEqual([...'0123456789'])
      expect(all.reduce((a, b) => a + b)).toBeCloseTo(1, 4)
      expect(p.probability).toBe(Math.max(...all))
    }
    const right = predictions.filter((p) => p.class === String(held.targets.data[Number.parseInt(p.file, 10)]))
    expect(right.length).toBeGreaterThanOrEqual(54)
  })
  test('shows what the network saw', async () => {
    const { stdout } = await gradus(folder, 'predict', 'run', '0-dark.png')
    expect(stdout).toMatch(/^0-dark\.png: 7 \([\d.]+ %\)\nseen as dark on light:\n/)
    expect(stdout).toMatch(/@@/)
    expect(stdout.match(/^\d +[\d.]+ %/gm)).toHaveLength(10)
    expect(stdout).not.toMatch(CONTROL)
  })
  test('pictures that are none: each is named, the others are answered', async () => {
    writeFileSync(join(folder, 'text.png'), 'no picture')
    writeFileSync(join(folder, 'cut.png'), asPng(sheet(0, 2, 0, 255)).subarray(0, 200))
    writeFileSync(join(folder, 'empty.png'), asPng(sheet(0, 2, 255, 255)))
    copyFileSync(join(folder, '0-dark.jpg'), join(folder, 'really-a-jpeg.png'))
    const { code, stdout, stderr } = await gradus(folder, 'predict', 'run', 'text.png', 'cut.png', 'empty.png', 'none.png', 'really-a-jpeg.png')
    expect(code).toBe(1)
    expect(stdout).toMatch(/really-a-jpeg\.png: 7/)
    const lines = stderr.trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/text\.png: .*expected PNG or JPEG/)
    expect(lines[1]).toMatch(/cut\.png: .*damaged PNG/)
    expect(lines[2]).toMatch(/empty\.png: .*the picture is empty/)
    expect(lines[3]).toMatch(/none\.png: .*no such file/)
  })
})

describe('explain', () => {
  test('every method: a map as text, as JSON, as a picture; contributions add up to the score', async () => {
    await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--model', 'lenet', '--seed', '1', '--out', 'lenet-run')
    for (const method of ['integrated', 'saliency', 'gradcam']) {
      const { stdout, stderr, code } = await gradus(folder, 'explain', 'lenet-run', '0-dark.png', '--method', method, '--out', `${method}.png`)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      expect(stdout).toMatch(/^0-dark\.png: \d \([\d.]+ %\)\n/)
      expect(stdout).toMatch(/[+*#]{4}/)
      expect(stdout).not.toMatch(CONTROL)
      const { width, height } = PNG.sync.read(readFileSync(join(folder, `${method}.png`)))
      expect([width, height]).toEqual([336, 336])
    }
    const result = JSON.parse((await gradus(folder, 'explain', 'lenet-run', '0-dark.png', '--class', '3', '--method', 'gradcam', '--json')).stdout) as { class: string; shape: number[]; map: number[] }
    expect(result).toMatchObject({ class: '3', shape: [10, 10] })
    expect(result.map).toHaveLength(100)
    expect(Math.min(...result.map)).toBe(0)
  })
  test('what does not fit is said', async () => {
    expect(await gradus(folder, 'explain', 'run', '0-dark.png', '--method', 'gradcam')).toMatchObject({ code: 2, stderr: expect.stringMatching(/mlp has no convolution; use --method integrated or saliency/) })
    expect(await gradus(folder, 'explain', 'run', '0-dark.png', '--method', 'gradcamm')).toMatchObject({ code: 2, stderr: expect.stringMatching(/gradcam/) })
    expect(await gradus(folder, 'explain', 'run', '0-dark.png', '--out', 'saliency.png')).toMatchObject({ code: 2, stderr: expect.stringMatching(/saliency\.png is there already/) })
    expect(await gradus(folder, 'explain', 'run', 'none.png')).toMatchObject({ code: 1, stderr: expect.stringMatching(/no such file/) })
  })
})

describe('a file of one’s own', () => {
  const source = `
    import { type Tensor } from 'gradus'
    import { Dataset } from 'gradus/data'
    import { Linear, Module, SGD, crossEntropy, tanh } from 'gradus/nn'
    import { defineTraining } from 'gradus/recipes'
    enum Size { Hidden = 8 }   // not plain JavaScript with types
    class Net extends Module {
      a = new Linear(2, Size.Hidden)
      b = new Linear(Size.Hidden, 2)
      forward(x: Tensor): Tensor { return this.b.call(tanh(this.a.call(x))) }
    }
    const xor = new Dataset({ dtype: 'float32', shape: [4, 2], data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) }, { dtype: 'uint8', shape: [4], data: Uint8Array.of(0, 1, 1, 0) })
    export default defineTraining({ model: () => new Net(), data: () => ({ train: xor, test: xor }), loss: crossEntropy, optimizer: (rate) => new SGD(rate), learningRate: 1, epochs: 300, batchSize: 4 })`
  test('TypeScript: trains with the same flags, evaluates', async () => {
    writeFileSync(join(folder, 'xor.ts'), source)
    const { code, stdout, stderr } = await gradus(folder, 'train', 'xor.ts', '--seed', '3', '--out', 'xor-run', '--json')
    expect(stderr).toMatch(/xor, xor, (wasm|native)/)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ model: 'xor', parameters: 42, seed: 3, epochs: 300, testAccuracy: 1 })
    expect((await gradus(folder, 'evaluate', 'xor-run')).stdout).toMatch(/4 of 4 right/)
    expect(await gradus(folder, 'predict', 'xor-run', '0-dark.png')).toMatchObject({ code: 2, stderr: expect.stringMatching(/reads neither pictures nor texts/) })
  })
  test('JavaScript', async () => {
    writeFileSync(join(folder, 'xor.mjs'), source.replace(/enum.*\n/, 'const Size = { Hidden: 8 }\n').replace(/type Tensor/, 'tensor').replace(/: Tensor/g, ''))
    expect(await gradus(folder, 'train', 'xor.mjs', '--epochs', '3')).toMatchObject({ code: 0, stderr: '' })
  })
  test('mistakes in it are told without a stack', async () => {
    const attempt = async (text: string) => {
      writeFileSync(join(folder, 'bad.ts'), text)
      const { code, stderr } = await gradus(folder, 'train', 'bad.ts')
      expect(code).toBe(2)
      expect(stderr).not.toMatch(/^\s+at /m)
      return stderr
    }
    expect(await attempt('export const x = 1')).toMatch(/no default export that describes a training.*defineTraining/)
    expect(await attempt('export default { model: () => 1 }')).toMatch(/"data" is missing/)
    expect(await attempt('export default { model: () => 1, data: () => 1, loss: () => 1, optimizer: () => 1, epoch: 3 }')).toMatch(/unknown field in .* "epoch"\. Did you mean epochs\?/)
    expect(await attempt('throw new Error("on purpose")')).toMatch(/bad\.ts could not be loaded: on purpose/)
    expect(await attempt('export default {')).toMatch(/bad\.ts could not be loaded/)
    expect(await gradus(folder, 'train', 'gone.ts')).toMatchObject({ code: 2, stderr: expect.stringMatching(/no file .*gone\.ts/) })
  })
})

describe('mistakes', () => {
  test.each([
    [['tarin'], /unknown command 'tarin'[\s\S]*Did you mean train\?/],
    [['train', 'digist'], /unknown task "digist"\. Did you mean digits\?/],
    [['train', 'digits', '--model', 'lent'], /unknown model of digits "lent"\. Did you mean lenet\?/],
    [['train', 'digits', '--device', 'wsam'], /unknown device "wsam"\. Did you mean wasm\?/],
    [['train', 'digits', '--epoch', '3'], /unknown option '--epoch'[\s\S]*Did you mean --epochs\?/],
    [['train', 'digits', '--epochs', '0'], /Expected a whole number from 1/],
    [['train', 'digits', '--batch', '1.5'], /Expected a whole number/],
    [['train', 'digits', '--lr', '-1'], /Expected a number above 0/],
    [['train', 'digits', '--seed', 'x'], /Expected a number/],
    [['train'], /what shall be trained\? For example: gradus train digits/],
    [['evaluate'], /missing required argument 'dir'/],
    [['predict', 'run'], /missing required argument 'picture'/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await gradus(folder, ...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
  test('data that is not there or damaged', async () => {
    expect(await gradus(folder, 'train', 'digits', '--data', 'nowhere')).toMatchObject({ code: 1, stderr: expect.stringMatching(/there is no folder .*nowhere/) })
  })
  test('a rate that is far too large: cause and remedy, exit 1', async () => {
    const { code, stderr } = await gradus(folder, 'train', 'digits', '--data', 'data', '--epochs', '1', '--lr', '1e30', '--out', 'wild')
    expect(code).toBe(1)
    expect(stderr).toMatch(/the loss became (NaN|infinite) in epoch 1, at step \d+: the gradient of "[\w.]+" .*Lower the learning rate .*--clip 1/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

test('--help everywhere, without loading anything heavy', async () => {
  for (const args of [['--help'], ['train', '--help'], ['evaluate', '--help'], ['predict', '--help'], ['doctor', '--help'], []]) {
    const { code, stdout } = await gradus(folder, ...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/Usage: gradus/)
  }
  const { stderr } = await start(['--help'], { cwd: folder, env: { NODE_DEBUG: 'esm' } }).done
  // the engine alone is some hundred kB
  const loaded = [...new Set(stderr.match(/dist[\\/](node|cli)[\\/][\w-]+\.js/g))]
  expect(loaded.join()).toMatch(/cli-main\.js/)
  expect(loaded.reduce((sum, file) => sum + statSync(join(import.meta.dirname, '..', file)).size, 0)).toBeLessThan(40_000)
})
test('doctor', async () => {
  const { code, stdout } = await gradus(folder, 'doctor')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Node +\d+\.\d+/m)
  expect(stdout).toMatch(/^device wasm +works/m)
  expect(stdout).toMatch(/^device (native|wasm) +works, taken by default$/m)
  expect(stdout).toMatch(/^device native +(works|missing: .+)/m)
  const json = JSON.parse((await gradus(folder, 'doctor', '--json')).stdout) as Record<string, unknown>
  expect(json).toMatchObject({ node: process.versions.node, simd: true, auto: expect.stringMatching(/native|wasm/), devices: expect.arrayContaining([{ name: 'wasm', works: true, reason: null }, { name: 'reference', works: true, reason: null }]) })
})
