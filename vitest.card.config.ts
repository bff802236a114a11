// The suites of every device on a graphics card alone: `npx vitest run --config vitest.card.config.ts` where Dawn finds one.
// On SwiftShader samples are computed; here everything is.
import { defineConfig } from 'vitest/config'
import { gpuEnvironment } from './scripts/gpu.mjs'
import { sources } from './scripts/sources.mjs'

Object.assign(process.env, gpuEnvironment(), { GRADUS_TEST_DEVICES: 'webgpu' })

export default defineConfig({
  resolve: { alias: sources },
  test: {
    include: [
      'src/render/wgsl/{fuzz,ops}.test.ts', 'test/webgpu.test.ts', 'test/webgpu-texts.test.ts', 'test/programs.test.ts', 'test/attention-kernels.test.ts',
      'test/golden-{ops,nn,parts,models,attention,optimizers}.test.ts', 'test/onnx/{devices,words,int64}.test.ts',
      'test/ops/*.test.ts', 'test/webgpu-hostile.test.ts',
    ],
    reporters: [['default', { summary: false }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ['--expose-gc'],
    maxWorkers: 6,
  },
})
