// How errors reach the user: one line that says what to do, no stack trace; GRADUS_DEBUG=1 shows it.

/** The command was called wrongly (exit code 2). */
export class UsageError extends Error {
  override name = 'UsageError'
}

export function reportError(error: unknown): void {
  const known = error instanceof UsageError || isGradusError(error)
  const message = error instanceof Error ? error.message : String(error)
  const lines = known ? [`error: ${message}`] : [`error: ${message.split('\n')[0]}`, 'This was not expected. GRADUS_DEBUG=1 shows where it happened.']
  if (process.env.GRADUS_DEBUG) lines.push(error instanceof Error ? (error.stack ?? '') : '')
  process.stderr.write(`${lines.join('\n')}\n`)
}

/** By its fields: the class itself is loaded only with the library. */
const isGradusError = (error: unknown): boolean => error instanceof Error && typeof (error as { operation?: unknown }).operation === 'string'
