// 10⁵ eager operations stay under 300 MB resident, on every device, in a process of its own; no kept program keeps values.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { type DeviceName, type Tensor, normal, setDevice } from '../src/tensor/index.ts'
import { probeDevices } from './support/devices.ts'

const root = resolve(import.meta.dirname, '..')
const bundle = resolve(root, '.cache/leak.mjs')
const present = (await probeDevices()).filter((d) => d.missing === null)

test.each(present)('resident size, $name', async ({ name }) => {
  await build({ entryPoints: [resolve(root, 'test/support/leak.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', external: ['koffi'], logLevel: 'silent' })
  const { stdout, stderr, status } = spawnSync(process.execPath, [bundle, name], { encoding: 'utf8', cwd: root })
  expect(status, stderr).toBe(0)
  expect(Number(stdout)).toBeGreaterThan(10)
  expect(Number(stdout)).toBeLessThan(300)
})

test.each(present)('values of a program’s first run are freed, $name', async ({ name }) => {
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
  const make = (device: DeviceName): WeakRef<object>[] => {
    setDevice(device)
    const refs: WeakRef<object>[] = []
    for (let length = 1; length < 6; length++) {
      let x: Tensor = normal([1000])
      for (let i = 0; i < length; i++) x = x.mul(2).add(1)
      refs.push(new WeakRef(x.realize().node.storage as object))
    }
    return refs
  }
  const refs = make(name)
  setDevice('reference')
  for (let i = 0; i < 4; i++) {
    await turn()
    ;(globalThis as { gc?: () => void }).gc?.()
  }
  expect(refs.filter((r) => r.deref() !== undefined).length).toBeLessThanOrEqual(1)
})
