// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'neuron',
  title: { en: 'A neuron is a linear model', ru: 'Нейрон — линейная модель' },
  about: {
    en: 'Linear regression, a threshold, logistic regression: one neuron, three functions. Fit by hand, then exactly.',
    ru: 'Линейная регрессия, порог, логистическая регрессия: один нейрон, три функции. Подгоните руками, потом точно.',
  },
}
