// MNIST in the tab (for compute.ts, in the Worker): fetched when first asked for, then kept. `gradus studio` serves the full
// set if this machine has it; otherwise there is the part that was packed while building.
import { type Dataset, imageDataset, readIdx } from 'gradus/data'

export interface Digits {
  readonly kind: 'full' | 'subset'
  readonly train: Dataset
  readonly test: Dataset
}
/** A data set that did not come. */
export class DataFault extends Error {}

interface Place {
  readonly folder: string
  readonly bytes: number
}
const FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const

/** The folder data/ beside the page. The worker stands in assets/; in tests there is no address. */
const address = (name: string): string => new URL(`${import.meta.env.DEV ? '/' : '../'}data/${name}`, (globalThis.location as Location | undefined)?.href ?? 'http://studio.invalid/').href

async function get(name: string): Promise<Uint8Array> {
  let response: Response
  try {
    response = await fetch(address(name))
  } catch {
    throw new DataFault(`${name}: no connection`)
  }
  if (!response.ok) throw new DataFault(`${name}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function load(): Promise<Digits> {
  const sets = JSON.parse(new TextDecoder().decode(await get('sets.json'))) as { readonly subset: Place; readonly full: Place | null }
  const { folder } = sets.full ?? sets.subset
  const [images, labels, testImages, testLabels] = await Promise.all(FILES.map(async (name) => readIdx(await get(`${folder}/${name}`))))
  const classes = [...'0123456789']
  return { kind: sets.full === null ? 'subset' : 'full', train: imageDataset(images!, labels!, { classes }), test: imageDataset(testImages!, testLabels!, { classes }) }
}

let kept: Promise<Digits> | null = null
/** The data; asked again after a failure. */
export function digits(): Promise<Digits> {
  kept ??= load().catch((error: unknown) => {
    kept = null
    throw error
  })
  return kept
}
