// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'training',
  title: { en: 'Loss functions', ru: 'Функции потерь' },
  about: {
    en: 'MSE, LogLoss, cross-entropy: how badly a wrong answer hurts, and whether it still teaches.',
    ru: 'MSE, LogLoss, кросс-энтропия: насколько больно ошибаться и учит ли ещё ошибка.',
  },
}
