// Calls functions with arguments that none of them takes, and tells what was thrown that is no error of ours.
import { setImmediate } from 'node:timers/promises'
import { GradusError, type Tensor, tensor } from '../../src/index.ts'

const t = (...values: Parameters<typeof tensor>): Tensor => tensor(...values)
/** Lists of arguments, by what is wrong about them; some are right for some functions. Made anew for each call. */
export const WRONG_ARGUMENTS: Readonly<Record<string, () => unknown[]>> = {
  nothing: () => [],
  undefined: () => [undefined, undefined, undefined],
  null: () => [null, null, null],
  'empty objects': () => [{}, {}, {}],
  texts: () => ['x', 'y', 'z'],
  NaN: () => [Number.NaN, Number.NaN, Number.NaN],
  tensors: () => [t([1, 2]), t([[1]]), t(3)],
  numbers: () => [3, 2, 1],
  'huge numbers': () => [1e12, 1e12],
  'negative numbers': () => [-1, -2, -3],
  lists: () => [[1, 2], [3], []],
  functions: () => [() => 1, () => 2],
  booleans: () => [true, false, true],
  'a tensor and an object': () => [t([1, 2]), {}],
  'a tensor and null': () => [t([1, 2]), null, null],
  'one number': () => [1],
  'two numbers': () => [1, 2],
  'two numbers and null': () => [1, 2, null],
  'lists of nothing': () => [[null], [undefined], [{}]],
}

/** What was thrown and is no error of ours, one line each; operations of our errors go to `told`. */
export async function foreignErrors(name: string, call: (...args: unknown[]) => unknown, told?: (error: GradusError, label: string) => void): Promise<string[]> {
  const found: string[] = []
  for (const [label, args] of Object.entries(WRONG_ARGUMENTS)) {
    let late = false
    const limit = setTimeout(() => (late = true), 1000)
    try {
      let result = call(...args())
      if (result instanceof Promise) {
        // it is kept or broken soon: nothing here reads more than a small file
        const waiting = (async (): Promise<never> => {
          for (;;) {
            await setImmediate()
            if (late) throw new Error('no answer')
          }
        })()
        waiting.catch(() => {})
        result = await Promise.race([result, waiting])
      }
      if (result instanceof t(0).constructor) await (result as Tensor).data()
    } catch (error) {
      if (error instanceof GradusError) told?.(error, label)
      else found.push(`${name} (${label}): ${error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]!.slice(0, 160)}` : String(error)}`)
    } finally {
      clearTimeout(limit)
    }
  }
  return found
}
