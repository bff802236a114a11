// Node's modules that the native runtime needs.
import { DeviceError, findNodeModule } from '../../base/index.ts'

export interface Host {
  readonly fs: typeof import('node:fs')
  readonly path: typeof import('node:path')
  readonly os: typeof import('node:os')
  readonly crypto: typeof import('node:crypto')
  readonly child: typeof import('node:child_process')
  readonly module: typeof import('node:module')
  readonly process: NodeJS.Process
}

let found: Host | null | undefined

/** null outside Node. */
export function findHost(): Host | null {
  if (found !== undefined) return found
  const fs = findNodeModule<Host['fs']>('node:fs')
  const path = findNodeModule<Host['path']>('node:path')
  const os = findNodeModule<Host['os']>('node:os')
  const crypto = findNodeModule<Host['crypto']>('node:crypto')
  const child = findNodeModule<Host['child']>('node:child_process')
  const module = findNodeModule<Host['module']>('node:module')
  const process = findNodeModule<Host['process']>('node:process')
  const whole = fs && path && os && crypto && child && module && process
  return (found = whole ? { fs, path, os, crypto, child, module, process } : null)
}

export function host(): Host {
  const h = findHost()
  if (h === null) throw new DeviceError('native', 'this is not Node.js', { remedy: 'Use the wasm device: it runs everywhere.' })
  return h
}

export const sha256 = (data: string | Uint8Array): string => host().crypto.createHash('sha256').update(data).digest('hex')
