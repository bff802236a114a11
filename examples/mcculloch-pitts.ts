// The neuron of 1943: bits in, a bit out. What one neuron can compute, and a proof of what it cannot.
import { logicNeurons, separateBoolean, truthTable } from 'gradus/models'

for (const { x, z, a } of truthTable(logicNeurons.and(2))) console.log(`and(${x}): z = ${z}, a = ${a}`)
// → and(0,0): z = -1, a = 0
// → and(0,1): z = 0, a = 0
// → and(1,0): z = 0, a = 0
// → and(1,1): z = 1, a = 1

console.log('majority:', truthTable(logicNeurons.majority(3)).map((row) => row.a).join(''))
// → majority: 00010111

const xor = separateBoolean([0, 1, 1, 0])
if (!xor.separable) console.log('xor, rows that contradict each other:', xor.contradiction.map((c) => c.row).join(' '))
// → xor, rows that contradict each other: 0 1 2 3
