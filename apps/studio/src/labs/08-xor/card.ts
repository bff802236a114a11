// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'network',
  title: { en: 'XOR, two ways', ru: 'XOR двумя способами' },
  about: {
    en: 'One neuron cannot, and here is the proof. A second layer can; so can one more input.',
    ru: 'Один нейрон не может, и вот доказательство. Второй слой может; может и ещё один вход.',
  },
}
