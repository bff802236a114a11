// Pairs of steep sigmoids make bumps, bumps make any continuous function on [a, b]: twice the bumps, half the error.
import { approximateByBumps, measureConvergence, networkOutput, trainApproximator } from 'gradus/models'

const f = (x: number) => Math.sin(x) + 0.3 * Math.cos(3 * x)
const { network } = approximateByBumps(f, [0, 6], 100)
console.log(`f(2) = ${f(2).toFixed(3)}, the network says ${networkOutput(network, [2])[0].toFixed(3)}`)
// → f(2) = 1.197, the network says 1.196
const { rows, order } = measureConvergence(f, [0, 6], [25, 50, 100, 200])
for (const { count, error } of rows) console.log(`${count} bumps: error ${error.toFixed(4)}`)
// → 25 bumps: error 0.2050
// → 50 bumps: error 0.1006
// → 100 bumps: error 0.0497
// → 200 bumps: error 0.0247
console.log(`error ≈ C / N^${order.toFixed(2)}`)
// → error ≈ C / N^1.02

const trained = await trainApproximator(f, [0, 6], { hidden: 32 })
console.log('32 trained neurons do better than 400 of bumps:', trained.supError.error < rows[3].error)
// → 32 trained neurons do better than 400 of bumps: true
