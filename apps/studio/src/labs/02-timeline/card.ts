// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'overview',
  title: { en: 'Timeline 1943–2025', ru: 'Лента времени 1943–2025' },
  about: {
    en: 'Seventeen ideas, each as a small model that learns while you watch, and the limit that the next one lifted.',
    ru: 'Семнадцать идей: каждая — маленькая модель, которая учится у вас на глазах, и предел, который сняла следующая.',
  },
}
