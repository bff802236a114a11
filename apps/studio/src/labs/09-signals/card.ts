// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'network',
  title: { en: 'Signals in a network', ru: 'Сигналы в сети' },
  about: {
    en: 'Press a neuron and read its sum in numbers; then cover the numbers and compute them yourself.',
    ru: 'Нажмите на нейрон и прочтите его сумму в числах; потом закройте числа и вычислите их сами.',
  },
}
