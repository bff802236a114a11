// Attention maps with the texts of their tokens: what recipes show of a model that reads.
import { type AttentionMap, attentionMaps } from '../../explain/index.ts'
import { type Module, MultiHeadAttention, modulePaths } from '../../nn/index.ts'
import type { TextMap } from '../plan.ts'

/** The maps of a call for one text; `tokens` names what looks and what is looked at in a layer. Empty for a model without attention. */
export async function mapsOf<M extends Module>(model: M, call: (copy: M) => unknown, tokens: (layer: string) => Pick<TextMap, 'rows' | 'columns'>): Promise<TextMap[]> {
  if (!modulePaths(model).some(([, module]) => module instanceof MultiHeadAttention)) return []
  return Promise.all(attentionMaps(model, call).map(async ({ layer, weights }: AttentionMap) => ({ layer, ...tokens(layer), heads: (await weights.at(0).array()) as number[][][] })))
}

/** The text of every token by itself; parts of a character that the token does not finish show as \ufffd. */
export const tokenTexts = (decode: (ids: readonly number[]) => string, ids: ArrayLike<number>): string[] => Array.from(ids, (id) => decode([id]))

export const share = (p: number): string => `${(100 * p).toFixed(1)} %`
