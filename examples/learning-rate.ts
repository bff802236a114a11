// Gradient descent on f(x, y) = x² + 10y²: what too small and too large a learning rate do.
import { type Tensor, tensor } from 'gradus'
import { descend } from 'gradus/models'

const f = (p: Tensor) => p.square().mul(tensor([1, 10], { dtype: 'float64' })).sum()
for (const learningRate of [0.0001, 0.05, 0.09, 0.11, 0.5]) {
  const { outcome, path } = await descend(f, [5, 1], { learningRate, steps: 500 })
  console.log(`η = ${learningRate}: ${outcome} after ${path.length - 1} steps`)
}
// → η = 0.0001: descending after 500 steps
// → η = 0.05: converged after 153 steps
// → η = 0.09: converged after 82 steps
// → η = 0.11: diverged after 79 steps
// → η = 0.5: diverged after 6 steps
