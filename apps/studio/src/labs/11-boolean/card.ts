// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'network',
  title: { en: 'Boolean functions and polygons', ru: 'Булевы функции и многоугольники' },
  about: {
    en: 'Any truth table and any convex polygon as a network of two layers, verified row by row and point by point.',
    ru: 'Любая таблица истинности и любой выпуклый многоугольник — сетью из двух слоёв, с проверкой по строкам и точкам.',
  },
}
