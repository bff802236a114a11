// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'training',
  title: { en: 'Backpropagation in five steps', ru: 'Обратное распространение в пять шагов' },
  about: {
    en: 'One example through the five steps of the lecture; beside every δ, its finite difference.',
    ru: 'Один пример через пять шагов лекции; рядом с каждой δ — её конечная разность.',
  },
}
