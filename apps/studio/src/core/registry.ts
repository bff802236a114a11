// Finds the labs: each folder labs/NN-name has a card (for the contents) and an index.ts loaded when it is opened.
import { allBound } from './bound.ts'
import type { AnyLab } from './lab.ts'
import type { Catalog } from './language.svelte.ts'

export type Part = 'overview' | 'neuron' | 'network' | 'digits' | 'training' | 'play'
export interface Card {
  readonly part: Part
  readonly title: Catalog<string>
  /** One line for the contents. */
  readonly about: Catalog<string>
}
export interface Entry extends Card {
  readonly number: number
  /** The name in the address: the folder's without its number. */
  readonly id: string
  readonly load: () => Promise<AnyLab>
}

const cards = import.meta.glob('../labs/*/card.ts', { eager: true, import: 'card' }) as Record<string, Card>
const labs = import.meta.glob('../labs/*/index.ts', { import: 'lab' }) as Record<string, () => Promise<AnyLab>>

export const PARTS: readonly Part[] = ['overview', 'neuron', 'network', 'digits', 'training', 'play']

export const entries: readonly Entry[] = Object.entries(cards)
  .map(([path, card]) => {
    const folder = path.split('/').at(-2)!
    const load = labs[`../labs/${folder}/index.ts`]
    if (load === undefined) throw new Error(`${folder} has no index.ts`)
    return { ...allBound(card), number: Number(folder.slice(0, 2)), id: folder.slice(3), load }
  })
  .sort((a, b) => a.number - b.number)
