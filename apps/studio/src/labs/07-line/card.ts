// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'neuron',
  title: { en: 'Line, plane and bias', ru: 'Прямая, плоскость и смещение' },
  about: {
    en: 'A neuron splits the plane by a line. Drag the line or the weights, and see what the bias is for.',
    ru: 'Нейрон делит плоскость прямой. Двигайте прямую или веса и увидьте, зачем нужно смещение.',
  },
}
