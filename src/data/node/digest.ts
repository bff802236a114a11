// Digests of files.
import { nodeModule } from '../../base/index.ts'

/** A digest of some bytes (Node's name of the method). */
export const digest = (bytes: Uint8Array, method: 'sha256' | 'sha512' = 'sha256', form: 'hex' | 'base64' = 'hex'): string =>
  nodeModule<typeof import('node:crypto')>('node:crypto', 'digest').createHash(method).update(bytes).digest(form)
