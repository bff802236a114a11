// A contender's process: started when needed, asked one thing at a time, and stopped (SIGSTOP) while others have their turn,
// so that its threads take nothing from them.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Command, Failed } from './protocol.ts'

const PAUSABLE = process.platform !== 'win32'

export class ContenderProcess {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly waiting: ((line: string | null) => void)[] = []
  private errors = ''
  private ended = false

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (line.startsWith('@')) this.waiting.shift()?.(line.slice(1))
    })
    this.child.stderr.on('data', (text) => (this.errors = `${this.errors}${String(text)}`.slice(-2000)))
    this.child.stdin.on('error', () => {})
    const end = (): void => {
      this.ended = true
      for (const tell of this.waiting.splice(0)) tell(null)
    }
    this.child.on('error', (error) => {
      this.errors = error.message
      end()
    })
    this.child.on('close', end)
  }

  get alive(): boolean {
    return !this.ended
  }
  /** An answer, or why there is none. Runs only while it is asked. */
  async ask<T>(command: Command, timeout = 600_000): Promise<T | Failed> {
    if (this.ended) return { error: this.lastWords() }
    this.signal('SIGCONT')
    let timer: NodeJS.Timeout | undefined
    const line = await new Promise<string | null>((resolve) => {
      this.waiting.push(resolve)
      timer = setTimeout(() => {
        this.errors = `no answer within ${timeout / 1000} s`
        this.child.kill('SIGKILL')
      }, timeout)
      this.child.stdin.write(`${JSON.stringify(command)}\n`)
    })
    clearTimeout(timer)
    this.signal('SIGSTOP')
    return line === null ? { error: this.lastWords() } : (JSON.parse(line) as T | Failed)
  }
  close(): void {
    this.child.kill('SIGKILL')
  }

  private signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (PAUSABLE && !this.ended) this.child.kill(name)
  }
  private lastWords(): string {
    return this.errors.trim().split('\n').filter((line) => !/^\s+at /.test(line)).at(-1) ?? 'the process ended'
  }
}

export const failed = (answer: object): answer is Failed => 'error' in answer
