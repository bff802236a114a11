// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'play',
  title: { en: 'Playground', ru: 'Песочница' },
  about: {
    en: 'Data, features, layers, activation, training: build a network and watch what every neuron sees.',
    ru: 'Данные, признаки, слои, активация, обучение: соберите сеть и смотрите, что видит каждый её нейрон.',
  },
}
