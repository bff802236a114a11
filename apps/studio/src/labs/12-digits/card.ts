// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'digits',
  title: { en: 'Handwritten digits', ru: 'Рукописные цифры' },
  about: {
    en: 'Paint a digit, see it become a vector, train a network on MNIST in this tab and beat the lecture’s 1.75 %.',
    ru: 'Нарисуйте цифру, посмотрите, как она становится вектором, обучите сеть на MNIST прямо во вкладке и превзойдите 1,75 % из лекции.',
  },
}
