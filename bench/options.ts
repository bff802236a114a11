// The command line of the bench.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { PEERS } from './contenders.ts'
import { CARD_ROWS, NETWORK_ROWS, ROWS, type Row, chooseRows, tiny } from './tasks.ts'

export interface Options {
  readonly rows: readonly Row[]
  readonly json: boolean
  readonly threads: number
  readonly devices: readonly string[]
  readonly peers: readonly string[]
  /** Leaves torch.compile out: it takes minutes to compile. */
  readonly eager: boolean
  /** Measuring time of each contender in a row. */
  readonly seconds: number
  readonly rounds: number
  readonly out: string | null
  /** Says what is going on, and the figure of every turn, a line each. */
  readonly progress: boolean
  readonly help: boolean
}

export const HELP = `npm run bench -- [options]
  --only NAMES      rows, separated by commas (conv-* takes all that begin so);
                    default: all, with --device webgpu alone those for cards
  --json            ends with one JSON object per row on stdout; the table goes to stderr
  --threads N       threads of Gradus, and the most a peer gets; default: one a core
  --device NAMES    wasm, native (default: those of them that are here), webgpu,
                    webgpu-f16 (products of halves); with webgpu PyTorch runs on
                    its card as well, where it sees one: with webgpu alone, only there
  --peers NAMES     torch, jax, tfjs, ort, none; default: all that are here
  --eager           without torch.compile
  --tiny            tiny sizes: shows that everything works, measures nothing
  --progress        says every step and the figure of every turn, a line each
  --seconds S       measuring time of each contender in a row; default 2
  --rounds N        turns of each contender in a row; default 5
  --out FILE        the whole result as JSON; default bench/.cache/results.json
Rows: ${ROWS.map((row) => row.name).join(' ')}
Rows for cards: ${CARD_ROWS.map((row) => row.name).join(' ')}
Trained networks, only when named (their packages: npm run networks -- --install): ${NETWORK_ROWS.map((row) => row.name).join(' ')}`

/** @throws Error that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args], strict: true,
    options: {
      only: { type: 'string' }, json: { type: 'boolean', default: false }, threads: { type: 'string' }, device: { type: 'string' }, peers: { type: 'string' },
      eager: { type: 'boolean', default: false }, tiny: { type: 'boolean', default: false }, seconds: { type: 'string' }, rounds: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', default: false }, progress: { type: 'boolean', default: false },
    },
  })
  const devices = values.device === undefined ? ['wasm', 'native'] : names('device', values.device, ['wasm', 'native', 'webgpu', 'webgpu-f16', 'reference'])
  const { rows, unknown } = chooseRows(values.only === undefined ? null : list(values.only), devices.every((d) => d.startsWith('webgpu')) ? CARD_ROWS : ROWS)
  if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(', ')}. There are: ${[...ROWS, ...CARD_ROWS, ...NETWORK_ROWS].map((row) => row.name).join(' ')}`)
  return {
    rows: values.tiny ? rows.map(tiny) : rows, json: values.json, eager: values.eager, progress: values.progress, help: values.help, out: values.out ?? null,
    threads: number('threads', values.threads, availableParallelism(), true),
    devices,
    peers: values.peers === undefined ? PEERS : values.peers === 'none' ? [] : names('peers', values.peers, PEERS),
    seconds: number('seconds', values.seconds, 2, false),
    rounds: number('rounds', values.rounds, 5, true),
  }
}

const list = (text: string): string[] => text.split(',').map((s) => s.trim()).filter((s) => s !== '')

function names(option: string, text: string, allowed: readonly string[]): string[] {
  const given = list(text)
  const wrong = given.filter((name) => !allowed.includes(name))
  if (wrong.length > 0 || given.length === 0) throw new Error(`--${option}: expected ${allowed.join(', ')}, received ${text}`)
  return given
}
function number(option: string, text: string | undefined, otherwise: number, whole: boolean): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text.trim() === '' || !(value > 0) || !Number.isFinite(value) || (whole && !Number.isInteger(value))) throw new Error(`--${option}: expected a ${whole ? 'whole ' : ''}number above 0, received ${text}`)
  return value
}
