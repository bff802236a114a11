// For tests of the command: builds dist/ if it is old, runs `gradus`, makes small data in MNIST's form.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Dataset, mnist, writeIdx } from '../src/data/index.ts'

const root = resolve(import.meta.dirname, '..')
/** A copy of dist/ of our own, so that a build in the meantime does not pull the files from under a running command. */
const copy = join(root, '.cache', `cli-${process.pid}`)

export function build(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/start.mjs'), '--version'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`dist/ could not be built:\n${stdout}${stderr}`)
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(copy, 'package.json'))
}
export const remove = (): void => rmSync(copy, { recursive: true, force: true })
/** The file that `gradus` is. */
export const command = (): string => join(copy, 'dist/cli/main.js')

export interface Result {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}
export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Result>
  /** Waits until stdout and stderr together match. */
  until(pattern: RegExp): Promise<void>
}

/** Starts a program (default: gradus with the given arguments). */
export function start(args: readonly string[], options: { readonly cwd: string; readonly env?: Record<string, string>; readonly program?: string; readonly detached?: boolean }): Running {
  const { NO_COLOR: _, FORCE_COLOR: __, GRADUS_DEBUG: ___, ...env } = process.env
  const child = options.program === undefined ? spawn(process.execPath, [command(), ...args], { cwd: options.cwd, env: { ...env, ...options.env } }) : spawn(options.program, args, { cwd: options.cwd, env: { ...env, ...options.env }, detached: options.detached === true })
  let stdout = ''
  let stderr = ''
  let ended = false
  const waiting: (() => void)[] = []
  const heard = (): void => {
    for (const look of waiting) look()
  }
  child.stdout.on('data', (text) => {
    stdout += String(text)
    heard()
  })
  child.stderr.on('data', (text) => {
    stderr += String(text)
    heard()
  })
  const done = new Promise<Result>((finish) => child.on('close', (code, signal) => {
    finish({ code, signal, stdout, stderr })
    ended = true // not before: after its exit a program's last words may still be on their way
    heard()
  }))
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((found, fail) => {
      const look = (): void => {
        if (pattern.test(stdout + stderr)) found()
        else if (ended) fail(new Error(`it ended without ${pattern}:\n${stdout}${stderr}`))
      }
      waiting.push(look)
      look()
    })
  return { child, done, until }
}

export const gradus = (cwd: string, ...args: string[]): Promise<Result> => start(args, { cwd }).done

/** A folder with the first `train` and `test` images of MNIST. */
export async function smallMnist(folder: string, train: number, test: number): Promise<{ train: Dataset; test: Dataset }> {
  const all = await mnist({ download: false })
  const parts = { train: all.train.take(train), test: all.test.take(test) }
  mkdirSync(folder, { recursive: true })
  for (const [name, data] of [['train', parts.train], ['t10k', parts.test]] as const) {
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), writeIdx(data.inputs))
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), writeIdx(data.targets))
  }
  return parts
}
