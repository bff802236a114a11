// All bad files. A new loader adds its cases here, and itself to loaders.ts.
import type { BadFile } from './bad-file.ts'
import { badData } from './cases/data.ts'
import { badGguf } from './cases/gguf.ts'
import { badKeras } from './cases/keras.ts'
import { badNumpy } from './cases/numpy.ts'
import { badOnnx } from './cases/onnx.ts'
import { badSafetensors } from './cases/safetensors.ts'
import { badTorch } from './cases/torch.ts'

export const corpus: readonly BadFile[] = [...badSafetensors, ...badNumpy, ...badTorch, ...badGguf, ...badKeras, ...badOnnx, ...badData]
