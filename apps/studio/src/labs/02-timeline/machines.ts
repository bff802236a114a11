// The models of the cards. Loaded by compute.ts in the Worker only.
import { belief } from './models/belief.ts'
import { backward, encoder } from './models/hidden.ts'
import { bert, fewShot } from './models/language.ts'
import { mccullochPitts, minskyPapert } from './models/logic.ts'
import type { Machine } from './models/machine.ts'
import { contrastive } from './models/pairs.ts'
import { continual, resnet, rosenblatt } from './models/plane.ts'
import { adversarial, diffusion } from './models/points.ts'
import { seq2seq, transformer } from './models/roman.ts'
import { convolution, rectified } from './models/seeing.ts'
import type { CardId } from './model.ts'

export const MACHINES: Readonly<Record<CardId, Machine>> = {
  mcculloch: mccullochPitts, rosenblatt, minsky: minskyPapert, werbos: backward, rumelhart: encoder, lenet: convolution, belief, alexnet: rectified,
  gan: adversarial, seq2seq, resnet, transformer, bert, gpt: fewShot, clip: contrastive, diffusion, continual,
}
