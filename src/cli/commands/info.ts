// gradus info: what a file of weights holds; only its table is read.
import { type MetadataValue, type WeightsFile, openWeights } from '../../formats/index.ts'
import { grouped, table, terminal } from '../ui/style.ts'

export async function info(path: string, given: object): Promise<number> {
  const { json, trust } = given as { readonly json?: boolean; readonly trust?: boolean }
  const file = await openWeights(path, trust === true ? { maxRatio: 1032 } : {})
  try {
    if (json === true) process.stdout.write(`${JSON.stringify(describe(file))}\n`)
    else process.stdout.write(`${lines(file).join('\n')}\n`)
    return 0
  } finally {
    await file.close()
  }
}

const count = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

function describe(file: WeightsFile): object {
  const tensors = [...file.tensors].map(([name, { type, shape, bytes }]) => ({ name, type, shape, bytes }))
  return {
    file: file.name, format: file.format, bytes: file.size, parameters: tensors.reduce((sum, { shape }) => sum + count(shape), 0),
    metadata: Object.fromEntries([...file.metadata].map(([key, value]) => [key, plain(value)])), tensors,
  }
}

/** JSON has no whole numbers beyond 2^53: they become text. */
function plain(value: MetadataValue): unknown {
  return typeof value === 'bigint' ? String(value) : Array.isArray(value) ? value.map(plain) : value
}

function lines(file: WeightsFile): string[] {
  const screen = terminal(process.stdout)
  const numbers = [...file.tensors.values()].reduce((sum, { shape }) => sum + count(shape), 0)
  const facts = [...file.metadata].map(([key, value]) => `${printable(key)}: ${short(value)}`)
  const rows = [...file.tensors].map(([name, { type, shape, bytes }]) => [printable(name), type, `[${shape.join(',')}]`, size(bytes)])
  return [
    screen.bold(`${file.name}: ${file.format}, ${size(file.size)}, ${grouped(file.tensors.size)} tensors, ${grouped(numbers)} numbers`),
    ...facts, ...(rows.length > 0 ? ['', ...table(rows)] : []),
  ]
}

function short(value: MetadataValue): string {
  if (Array.isArray(value)) return value.length <= 8 && value.every((x) => typeof x !== 'object') ? `[${value.map(short).join(', ')}]` : `a list of ${grouped(value.length)}`
  const text = String(value)
  return printable(text.length > 100 ? `${text.slice(0, 97)}…` : text)
}

/** Texts out of a file must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

const size = (bytes: number): string => {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3))
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toPrecision(3)} ${units[power]}`
}
