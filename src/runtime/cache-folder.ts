// Where a user's machine keeps what can be made again. Node only; browsers have no such folder.
import { findNodeModule } from '../base/index.ts'

/** $GRADUS_CACHE/`part`, else $XDG_CACHE_HOME/gradus/`part`, else ~/.cache/gradus/`part` (macOS: ~/Library/Caches/gradus/`part`); null outside Node. */
export function cacheFolder(part: string): string | null {
  const [path, os, process] = [findNodeModule<typeof import('node:path')>('node:path'), findNodeModule<typeof import('node:os')>('node:os'), findNodeModule<NodeJS.Process>('node:process')]
  if (!path || !os || !process) return null
  const { GRADUS_CACHE, XDG_CACHE_HOME } = process.env
  if (GRADUS_CACHE) return path.join(GRADUS_CACHE, part)
  if (XDG_CACHE_HOME) return path.join(XDG_CACHE_HOME, 'gradus', part)
  return process.platform === 'darwin' ? path.join(os.homedir(), 'Library', 'Caches', 'gradus', part) : path.join(os.homedir(), '.cache', 'gradus', part)
}
