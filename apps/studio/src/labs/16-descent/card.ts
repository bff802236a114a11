// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'training',
  title: { en: 'Gradient descent', ru: 'Градиентный спуск' },
  about: {
    en: 'Choose a surface, click a start, and follow −η∇f down, or off the cliff.',
    ru: 'Выберите поверхность, щёлкните начало и идите по −η∇f вниз — или вразнос.',
  },
}
