// Any Boolean function is a network of two layers: a hidden neuron per product, and an OR.
import { booleanNetwork, showProducts, tableOf, verifyBoolean } from 'gradus/models'

const table = tableOf(4, ([a, b, c, d]) => (a && b) || (b && !c) || (c && d))
const full = booleanNetwork(table, { minimise: false })
const small = booleanNetwork(table)
console.log(`${full.hidden} hidden neurons, one a true row; after minimising ${small.hidden}: ${showProducts(small.products)}`)
// → 9 hidden neurons, one a true row; after minimising 3: x₁x₂ ∨ x₂x̄₃ ∨ x₃x₄
console.log('wrong rows of 16:', verifyBoolean(full.network, table).wrong.length, verifyBoolean(small.network, table).wrong.length)
// → wrong rows of 16: 0 0
