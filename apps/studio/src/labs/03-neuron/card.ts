// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'neuron',
  title: { en: 'The McCulloch–Pitts neuron', ru: 'Нейрон Мак‑Каллока — Питтса' },
  about: {
    en: 'Toggle the inputs, turn the weights: one sum, one threshold, and already logic.',
    ru: 'Переключайте входы, крутите веса: одна сумма, один порог — и уже логика.',
  },
}
