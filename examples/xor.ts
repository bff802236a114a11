// XOR both ways: two lines and a neuron that joins them, or one neuron with the product x₁x₂ as a third input.
import { xorByFeature, xorByTwoLines } from 'gradus/models'

for (const { x, trace } of xorByTwoLines().rows) console.log(`(${x}): lines ${trace.layers[0].a}, joined ${trace.output}`)
// → (0,0): lines 0,1, joined 0
// → (0,1): lines 1,1, joined 1
// → (1,0): lines 1,1, joined 1
// → (1,1): lines 1,0, joined 0

for (const { x, trace } of xorByFeature().rows) console.log(`(${x}): z = ${trace.layers[0].z}, a = ${trace.output}`)
// → (0,0): z = -0.5, a = 0
// → (0,1): z = 0.5, a = 1
// → (1,0): z = 0.5, a = 1
// → (1,1): z = -0.5, a = 0
