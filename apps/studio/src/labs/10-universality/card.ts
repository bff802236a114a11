// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'network',
  title: { en: 'Universal approximation', ru: 'Универсальная аппроксимация' },
  about: {
    en: 'Draw a curve; a network of two layers repeats it, bump by bump or by training.',
    ru: 'Нарисуйте кривую; двухслойная сеть повторит её — горб за горбом или обучением.',
  },
}
