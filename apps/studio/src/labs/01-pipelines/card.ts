// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'overview',
  title: { en: 'Two pipelines', ru: 'Два конвейера' },
  about: {
    en: 'The same digits through features made by hand and through a network that makes its own: who needs how many examples?',
    ru: 'Одни и те же цифры: признаки, придуманные человеком, и сеть, которая находит их сама. Кому сколько нужно примеров?',
  },
}
