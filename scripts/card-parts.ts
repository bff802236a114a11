// Kernels of every kind on the card against the reference, and a training run: what differs is said. Packed by card.mjs.
import { type Outcome, runParts } from '../test/support/webgpu-page.ts'
import { backend, setDevice } from '../src/tensor/index.ts'

await setDevice('webgpu')
console.log(backend().describe?.() ?? '')
const [got, want]: Outcome[] = [await runParts('webgpu'), await runParts('reference')]
let wrong = 0
for (const [name, values] of Object.entries(want!.parts)) {
  const differs = values.findIndex((w, i) => {
    const g = got!.parts[name]![i]!
    return typeof w === 'string' || typeof g === 'string' ? g !== w : !(Math.abs(g - w) <= 1e-5 + 1e-5 * Math.abs(w))
  })
  console.log(`${differs < 0 ? 'ok    ' : 'WRONG '} ${name}${differs < 0 ? '' : `[${differs}]: ${got!.parts[name]![differs]} instead of ${values[differs]}`}`)
  if (differs >= 0) wrong++
}
const far = want!.losses.findIndex((w, i) => !(Math.abs(got!.losses[i]! - w) < 1e-3 * Math.abs(w) + 1e-5))
console.log(`${far < 0 ? 'ok    ' : 'WRONG '} losses of 100 steps${far < 0 ? '' : `: ${got!.losses[far]} instead of ${want!.losses[far]} at step ${far}`}`)
process.exit(wrong > 0 || far >= 0 ? 1 : 0)
