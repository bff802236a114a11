// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'neuron',
  title: { en: 'Rosenblatt’s learning rule', ru: 'Правило обучения Розенблатта' },
  about: {
    en: 'One point per click: a mistake moves the line, and the number of mistakes has a bound.',
    ru: 'Точка за щелчком: ошибка двигает прямую, а число ошибок ограничено.',
  },
}
