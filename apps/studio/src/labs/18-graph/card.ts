// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'training',
  title: { en: 'The computational graph', ru: 'Вычислительный граф' },
  about: {
    en: 'Type an expression: values go forward through its graph, gradients backward, one node at a time.',
    ru: 'Напишите выражение: значения идут по графу вперёд, градиенты — назад, узел за узлом.',
  },
}
