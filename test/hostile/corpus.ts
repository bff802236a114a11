// All bad files. A new loader adds its cases here, and itself to loaders.ts.
import type { BadFile } from './bad-file.ts'
import { badNumpy } from './cases/numpy.ts'
import { badSafetensors } from './cases/safetensors.ts'

export const corpus: readonly BadFile[] = [...badSafetensors, ...badNumpy]
