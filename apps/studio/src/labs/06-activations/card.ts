// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'neuron',
  title: { en: 'Activation functions', ru: 'Функции активации' },
  about: {
    en: 'f and f′ at a point you drag; then a chain of layers, and a gradient that survives or dies.',
    ru: 'f и f′ в точке, которую вы двигаете; потом цепочка слоёв и градиент, который доходит или гаснет.',
  },
}
