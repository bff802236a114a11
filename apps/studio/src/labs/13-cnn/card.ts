// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'digits',
  title: { en: 'Convolutional network', ru: 'Свёрточная сеть' },
  about: {
    en: 'Your digit through every layer: windows times kernels, number by number; edit a filter and see what it finds.',
    ru: 'Ваша цифра слой за слоем: окно на ядро, число за числом; меняйте фильтр и смотрите, что он находит.',
  },
}
