// Whether there may be WebGPU here, without loading it: the browser's navigator.gpu, in Node the package `webgpu` (Dawn),
// which is installed by whoever wants it.
import { findNodeModule } from '../../base/index.ts'
import type { Gpu } from './api.ts'

export const PACKAGE = 'webgpu'
export const NO_BROWSER = 'Use a browser that has it and a page served by https or from localhost, or the wasm device.'
export const NO_PACKAGE = `Run npm install ${PACKAGE}, or use another device.`

/** Where the package lies: where GRADUS_WEBGPU says, beside Gradus, or in the program's own folder. null: nowhere. */
export function findPackage(): string | null {
  const module = findNodeModule<typeof import('node:module')>('node:module')
  const url = findNodeModule<typeof import('node:url')>('node:url')
  const process = findNodeModule<NodeJS.Process>('node:process')
  if (module === undefined || url === undefined || process === undefined) return null
  const folders = [process.env.GRADUS_WEBGPU, process.cwd()].flatMap((f) => (f === undefined ? [] : [url.pathToFileURL(`${f}/package.json`).href]))
  for (const place of [folders.length > 1 ? folders[0]! : import.meta.url, import.meta.url, folders[folders.length - 1]!]) {
    try {
      return url.pathToFileURL(module.createRequire(place).resolve(PACKAGE)).href
    } catch {
      // the next place
    }
  }
  return null
}

export const browserGpu = (): Gpu | undefined => (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu
export const isNode = (): boolean => findNodeModule('node:module') !== undefined

/** Why WebGPU is missing, as far as can be told without asking for an adapter; null: it may be there. */
export function webgpuProblem(): string | null {
  if (browserGpu() !== undefined) return null
  if (!isNode()) return `webgpu: this browser or page has no WebGPU (navigator.gpu). ${NO_BROWSER}`
  return findPackage() === null ? `webgpu: the package ${PACKAGE} is not installed. ${NO_PACKAGE}` : null
}
