// Where the numbers of a training's look come from: the engine walks its steps again and reads their images by plain loops.
import type { Tested } from '../core/digit-test.ts'
import { stream } from '../core/engine.svelte.ts'
import { inLanguage, language } from '../core/language.svelte.ts'
import { m, math } from '../core/math.ts'
import type { Look, Recount } from '../core/trainer.ts'
import { trainingTexts } from '../core/training-texts.ts'
import type { Proof } from './value.svelte'

export interface LookProofs {
  readonly accuracy: (look: Look) => Proof
  readonly loss: (look: Look) => Proof
  /** Of a test after some steps. */
  readonly test: (tested: Tested) => Proof
}

/** `folder`: the lab, whose compute.ts has `recountTraining` and `retest`; `state`: as it is when a proof is looked at. */
export function lookProofs(folder: string, state: () => unknown): LookProofs {
  const again = async ({ from, step }: Look): Promise<Recount> => {
    let found: Recount = { right: 0, loss: 0 }
    await stream<Recount | null>(folder, 'recountTraining', [state(), { from, step }], (v) => { found = v ?? found }).done
    return found
  }
  return {
    accuracy: (look) => {
      const t = inLanguage(trainingTexts)
      const { from, step, right, seen, accuracy } = look
      return {
        name: t.accuracyName, formula: t.accuracyFormula, how: t.howLook(from + 1, step), tolerance: 2.2 / seen, // 32 bits and 64 may part over two images
        substituted: math(m.frac(m.n(right, language.lang), m.n(seen, language.lang)) + m.o('=') + m.n(100 * accuracy, language.lang, 2) + m.o('%')),
        check: async () => (100 * (await again(look)).right) / seen,
      }
    },
    loss: (look) => {
      const t = inLanguage(trainingTexts)
      const { from, step, seen, loss } = look
      return {
        name: t.lossName, formula: t.lossFormula, how: t.howLook(from + 1, step), tolerance: 1e-4, // outputs and sums of 32 bits
        substituted: math(m.frac(m.n(loss * seen, language.lang, 4), m.n(seen, language.lang)) + m.o('=') + m.n(loss, language.lang, 6)),
        check: async () => (await again(look)).loss,
      }
    },
    test: ({ step, loss, count }) => {
      const t = inLanguage(trainingTexts)
      return {
        name: t.testLossName, formula: t.lossFormula, how: t.howTestLoss(step), tolerance: 1e-4,
        substituted: math(m.frac(m.n(loss * count, language.lang, 2), m.n(count, language.lang)) + m.o('=') + m.n(loss, language.lang, 6)),
        check: async () => {
          let found = Number.NaN
          await stream<number | null>(folder, 'retest', [state(), step, count], (v) => { found = v ?? found }).done
          return found
        },
      }
    },
  }
}
