// Ctrl-C: the first one ends the run in good order (it is saved), the second one at once.

export interface Interrupt {
  readonly signal: AbortSignal
  /** 128 + the signal's number, as shells have it. */
  exitCode(): number
  release(): void
}

export function interruptible(say: (text: string) => void): Interrupt {
  const controller = new AbortController()
  let code = 130
  const stop = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => (): void => {
    code = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[name]
    if (controller.signal.aborted) process.exit(code)
    if (name !== 'SIGHUP') say('\nStopping after this update; once more to stop at once …')
    controller.abort()
  }
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, stop(name)] as const)
  for (const [name, handler] of handlers) process.on(name, handler)
  // writing beyond a file size limit is to fail with an error, not to kill the process
  const ignore = (): void => {}
  if (process.platform !== 'win32') process.on('SIGXFSZ', ignore)
  return {
    signal: controller.signal,
    exitCode: () => code,
    release() {
      for (const [name, handler] of handlers) process.off(name, handler)
      if (process.platform !== 'win32') process.off('SIGXFSZ', ignore)
    },
  }
}
