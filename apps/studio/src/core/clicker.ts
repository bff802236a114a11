// The teacher's clicker: Page Up and Page Down go through the steps of a lab before they turn to another one.

/** Goes one step on or back; false where there is none left that way. */
export type Steps = (by: 1 | -1) => boolean

const shown: Steps[] = []

/** Steps on the page take part in the clicker's keys until the returned function is called. */
export function followClicker(steps: Steps): () => void {
  shown.push(steps)
  return () => void shown.splice(shown.indexOf(steps), 1)
}

/** Whether something on the page went a step: the first that can going on, the last that can going back. */
export const clicked = (by: 1 | -1): boolean => (by > 0 ? shown : shown.toReversed()).some((steps) => steps(by))
