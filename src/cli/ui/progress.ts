// The progress of a run: a bar that redraws itself on a terminal, plain lines elsewhere.
import type { Callback, EpochRecord, Progress } from '../../train/index.ts'
import { type Terminal, clock, grouped, percent, short } from './style.ts'

/** Without a terminal a long epoch still shows life this often, in milliseconds. */
const QUIET = 15_000
const BAR = 24

/** A callback of `fit` that shows epochs on a terminal or as lines. */
export function progressDisplay(out: Terminal, batchSize: number): Callback {
  let written = performance.now()
  let began = { step: 0, epoch: -1 }
  const width = (epochs: number): number => String(epochs).length
  const line = (text: string): void => {
    out.stream.write(out.live ? `\r${text}\u001b[K\n` : `${text}\n`)
    written = performance.now()
  }
  return {
    onStart(run) {
      began = { step: run.step, epoch: run.epoch }
    },
    onProgress(run, p) {
      const label = `epoch ${String(p.epoch).padStart(width(run.epochs))}/${run.epochs}`
      const share = p.batch / p.batches
      // a stream's end is not known before it was there once
      const known = Number.isFinite(p.batches)
      const tail = `${numbers(p.values)}  ${grouped(p.samplesPerSecond)} samples/s  ${known ? `${clock(p.secondsLeft)} left` : `${grouped(p.batch)} batches`}`
      if (out.live) out.stream.write(`\r${fitted(label, share, tail, out)}\u001b[K`)
      else if (performance.now() - written > QUIET) line(`${label}  ${known ? `${Math.floor(share * 100)} %  ` : ''}${tail}`)
    },
    onEpoch(run, record: EpochRecord) {
      const label = `epoch ${String(record.epoch).padStart(width(run.epochs))}/${run.epochs}`
      // the first epoch after a resume is a part of one: no rate for it
      const whole = record.epoch - 1 > began.epoch || began.step === 0
      const { epoch: _, seconds, learningRate: __, ...values } = record
      const batches = run.step / record.epoch
      const rate = whole && seconds > 0 ? `  ${grouped((batches * batchSize) / seconds)} samples/s` : ''
      line(`${label}  ${numbers(values)}${rate}  ${seconds.toFixed(1)} s${run.history.length > 2 ? `  ${sparkline(run.history.map(({ loss }) => loss))}` : ''}`)
    },
    onRecover(run, error) {
      line(`${error.message.split('\n')[0]} Opened again; going on after epoch ${run.epoch}, step ${run.step}.`)
    },
    onStop() {
      if (out.live) out.stream.write('\r\u001b[K')
    },
  }
}

function numbers(values: Readonly<Record<string, number>> | Progress['values']): string {
  return Object.entries(values).map(([name, value]) => `${name.replace('_', ' ')} ${/accuracy/.test(name) ? percent(value) : short(value)}`).join('  ')
}

const LEVELS = '▁▂▃▄▅▆▇█'
/** The course of a value in one row of text: the last 16, between the least and the largest of them. */
export function sparkline(values: readonly number[]): string {
  const last = values.slice(-16)
  const [low, high] = [Math.min(...last), Math.max(...last)]
  return last.map((v) => LEVELS[high > low ? Math.round(((v - low) / (high - low)) * 7) : 0]!).join('')
}

/** The bar and as much text as the line has room for. */
function fitted(label: string, share: number, tail: string, out: Terminal): string {
  const room = out.columns - 1 - label.length - tail.length - 10
  const size = Math.min(BAR, room)
  const done = Math.round(size * share)
  const bar = size >= 6 ? `${out.green('━'.repeat(done))}${out.dim('─'.repeat(size - done))} ` : ''
  const text = `${String(Math.floor(share * 100)).padStart(3)} %  ${tail}`
  const left = out.columns - 1 - label.length - 2 - (size >= 6 ? size + 1 : 0)
  return `${label}  ${bar}${text.slice(0, Math.max(0, left))}`
}
