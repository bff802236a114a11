// Runs that are interrupted, killed, or out of disk space: nothing that was saved is lost, and going on gives the same bits.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostRandom } from '../src/data/index.ts'
import { loadCheckpoint } from '../src/train/index.ts'
import { type Result, build, command, gradus, remove, smallMnist, start } from './cli-helper.ts'

/** Whether a system command succeeds. */
const succeeds = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0
const folder = mkdtempSync(join(tmpdir(), 'gradus-durable-'))
const digits = ['train', 'digits', '--data', 'data', '--threads', '1']
/** The weights of a run, as bytes. */
const weights = (run: string): Buffer => {
  const { files } = JSON.parse(readFileSync(join(folder, run, 'last.json'), 'utf8')) as { files: { weights: { name: string } } }
  return readFileSync(join(folder, run, files.weights.name))
}
const log = (run: string): string[] => readFileSync(join(folder, run, 'log.csv'), 'utf8').trim().split('\n').map((line) => line.split(',').filter((_, i) => i !== 3).join())

beforeAll(async () => {
  build()
  await smallMnist(join(folder, 'data'), 4000, 100)
  await smallMnist(join(folder, 'tiny'), 40, 20)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  remove()
})

/** Ctrl-C while it trains, however fast or slow that is here: too late, and the next try waits half as long; before the first update, longer. */
async function stoppedOnItsWay(args: readonly string[]): Promise<Result> {
  for (let wait = 400, i = 0; i < 12; i++) {
    const running = start(args, { cwd: folder })
    await running.until(/Total:/)
    await new Promise((later) => setTimeout(later, wait))
    running.child.kill('SIGINT')
    const result = await running.done
    if (result.code === 130 && (await loadCheckpoint(join(folder, 'cut'))).progress.batch > 0) return result
    wait *= result.code === 0 ? 0.5 : 1.7
    rmSync(join(folder, 'cut'), { recursive: true })
  }
  throw new Error('no run of twelve could be stopped in the middle of an epoch')
}

test('Ctrl-C in mid-epoch saves and says how to resume; resumed twice, the run ends with the bits of one never stopped', async () => {
  const options = ['--epochs', '20', '--batch', '20', '--seed', '5']
  expect((await gradus(folder, ...digits, ...options, '--out', 'whole')).code).toBe(0)
  const stopped = await stoppedOnItsWay([...digits, ...options, '--out', 'cut'])
  expect(stopped.stdout).toMatch(/Stopped at update [\d ]+ and saved\. To go on:\n {2}npx gradus train digits --resume cut\n$/)
  expect(stopped.stderr).toBe('')
  const { progress } = await loadCheckpoint(join(folder, 'cut'))
  expect(progress.step).toBeLessThan(4000)
  expect(progress.batch).toBeGreaterThan(0)

  const second = start(['train', 'digits', '--resume', 'cut'], { cwd: folder })
  await second.until(/epoch +\d+\/20/)
  second.child.kill('SIGTERM')
  const again = await second.done
  if (again.code !== 0) {
    expect(again.code).toBe(143)
    expect((await gradus(folder, 'train', '--resume', 'cut', '--threads', '2')).code).toBe(0)
  }
  expect(weights('cut').equals(weights('whole'))).toBe(true)
  expect(log('cut')).toEqual(log('whole'))
  expect((await gradus(folder, 'train', 'digits', '--resume', 'cut', '--seed', '6')).stderr).toMatch(/has --seed 5; it cannot go on with 6/)
  expect((await gradus(folder, 'train', 'fashion', '--resume', 'cut')).stderr).toMatch(/trains digits, not fashion/)
})

test.skipIf(process.platform === 'win32')('Ctrl-C reaches npm start’s script and the command alike: it waits until the run is saved', async () => {
  const running = start([join(import.meta.dirname, '../scripts/start.mjs'), ...digits, '--epochs', '50', '--batch', '20', '--out', 'grouped'], { cwd: folder, program: process.execPath, detached: true })
  await running.until(/Total:/)
  await new Promise((later) => setTimeout(later, 400))
  process.kill(-running.child.pid!, 'SIGINT')
  expect(await running.done).toMatchObject({ code: 130, signal: null, stderr: '', stdout: expect.stringMatching(/and saved\. To go on:/) })
  expect((await loadCheckpoint(join(folder, 'grouped'))).progress.epoch).toBeLessThan(50)
})

test('killed at any moment while it saves and saves: a whole checkpoint is always there, and it never goes back', async () => {
  const args = ['train', 'digits', '--data', 'tiny', '--threads', '1', '--epochs', '1000000', '--model', 'mlp', '--batch', '40']
  const run = join(folder, 'killed')
  const random = hostRandom(Date.now(), 1)
  let reached = 0
  for (let i = 0; i < 12; i++) {
    const running = i === 0 ? start([...args, '--out', 'killed'], { cwd: folder }) : start(['train', '--resume', 'killed', '--threads', '1'], { cwd: folder })
    await running.until(/epoch +\d+\/.*\n.*epoch +\d+\//)
    await new Promise((later) => setTimeout(later, random.between(0, 120)))
    running.child.kill('SIGKILL')
    expect((await running.done).signal).toBe('SIGKILL')
    const { progress } = await loadCheckpoint(run)
    expect(progress.step).toBeGreaterThan(reached)
    expect(progress.history).toHaveLength(progress.step)
    reached = progress.step
  }
  // what the kills left behind does not pile up
  expect(readdirSync(run).filter((name) => name.includes('weights')).length).toBeLessThanOrEqual(2)
})

/** A run of two epochs with a checkpoint after the first, ready to go on. */
async function half(name: string): Promise<Buffer> {
  const running = start([...digits, '--epochs', '2', '--batch', '40', '--out', name], { cwd: folder })
  await running.until(/epoch 1\/2/)
  running.child.kill('SIGINT')
  await running.done
  return weights(name)
}

test.skipIf(process.platform === 'win32')('a file size limit: a clear error, exit code 1, the old checkpoint intact, no rubbish', async () => {
  const before = await half('limited')
  const { code, stderr } = await start(['-c', `ulimit -f 1200; exec ${process.execPath} ${command()} train --resume limited`], { cwd: folder, program: 'bash' }).done
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: write: the file would be larger than allowed here: .* was not written; what was there before is untouched\./)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(weights('limited').equals(before)).toBe(true)
  expect(readdirSync(join(folder, 'limited')).filter((name) => /tmp$|weights/.test(name))).toHaveLength(1)
  expect((await gradus(folder, 'train', '--resume', 'limited')).code).toBe(0)
})

test('a full disk: a clear error, exit code 1, the old checkpoint intact; with space again it goes on', async (context) => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  // three megabytes: one checkpoint of the perceptron (2.8 MB) and not a second one
  const mounted = process.platform === 'linux' && process.getuid?.() === 0 && succeeds('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk)
  if (!mounted) return context.skip('needs the right to mount a file system')
  try {
    const before = await half('disk/run')
    const { code, stderr } = await gradus(folder, 'train', '--resume', 'disk/run')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: write: the disk is full: .* was not written; what was there before is untouched\. Free some space/)
    expect(weights('disk/run').equals(before)).toBe(true)
    expect((await loadCheckpoint(join(disk, 'run'))).progress.step).toBeGreaterThan(0)
    expect(succeeds('mount', '-o', 'remount,size=20m', disk)).toBe(true)
    expect((await gradus(folder, 'train', '--resume', 'disk/run')).code).toBe(0)
  } finally {
    succeeds('umount', disk)
  }
})

test('a folder that cannot be written is an error before the training', async () => {
  const { code, stderr } = await gradus(folder, ...digits, '--out', 'data/t10k-labels-idx1-ubyte/run')
  expect(code).toBe(1)
  expect(stderr).toMatch(/a part of the path is a file/)
  expect(existsSync(join(folder, 'runs'))).toBe(false)
  expect(statSync(join(folder, 'data/t10k-labels-idx1-ubyte')).isFile()).toBe(true)
})
