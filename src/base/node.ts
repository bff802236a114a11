// Node's built-in modules for code that browsers import as well: found on use, never imported.
import { DeviceError } from './errors.ts'

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/** A built-in module of Node (`nodeModule<typeof import('node:fs')>('node:fs')`), or undefined where there is none. */
export const findNodeModule = <T>(name: string): T | undefined => (globalThis as Host).process?.getBuiltinModule?.(name) as T | undefined

/** The same, needed: in a browser a typed error that names the operation. */
export function nodeModule<T>(name: string, operation: string): T {
  const found = findNodeModule<T>(name)
  if (found === undefined) throw new DeviceError(operation, 'files are not to be had here', { expected: 'Node.js 20.19 or newer', received: 'a browser or another host', remedy: 'Fetch the bytes and hand them over instead.' })
  return found
}

/** A package that is no dependency of everyone's (Node); `refuse` makes the error of what is wrong with it. */
export function requirePackage<T>(name: string, refuse: (problem: string) => Error): T {
  try {
    return nodeModule<{ createRequire(from: string): (name: string) => unknown }>('node:module', name).createRequire(import.meta.url)(name) as T
  } catch (error) {
    const missing = (error as { code?: string }).code === 'MODULE_NOT_FOUND'
    throw refuse(missing ? `the package ${name} is not installed` : `${name} does not load: ${(error as Error).message.split('\n')[0]}`)
  }
}
