// What a web page pays: tensors, layers and the WebAssembly device, bundled for the browser.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Bundles the imports as a page would, from the sources; sizes in kB (1000 bytes). */
async function bundle(code: string): Promise<{ gzip: number; largest: string[] }> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    alias: { 'gradus/nn': resolve(root, 'src/nn/index.ts'), gradus: resolve(root, 'src/index.ts') },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const [output] = Object.values(result.metafile.outputs)
  const inputs = Object.entries(output!.inputs).map(([name, { bytesInOutput }]) => ({ name, bytesInOutput }))
  inputs.sort((a, b) => b.bytesInOutput - a.bytesInOutput)
  return {
    gzip: gzipSync(result.outputFiles[0]!.contents, { level: 9 }).length / 1000,
    largest: inputs.slice(0, 12).map(({ name, bytesInOutput }) => `${name} ${(bytesInOutput / 1000).toFixed(1)} kB`),
  }
}

/** The threads' own file, which a page loads beside the bundle. */
async function workerSize(): Promise<number> {
  const source = readFileSync(resolve(root, 'src/runtime/wasm/worker.js'), 'utf8')
  const { code } = await transform(source, { minify: true, format: 'esm' })
  return gzipSync(code, { level: 9 }).length / 1000
}

const EVERYTHING = "export * from 'gradus'; export * from 'gradus/nn'"
const TRAINING_PAGE = `
  export { grad, jit, tensor, valueAndGrad } from 'gradus'
  export { Adam, Conv2d, crossEntropy, Linear, Module, relu } from 'gradus/nn'`

test('a page that trains a network on the wasm device loads at most 80 kB gzipped', async () => {
  const { gzip, largest } = await bundle(TRAINING_PAGE)
  expect(gzip + (await workerSize()), largest.join('\n')).toBeLessThanOrEqual(80)
})

test('with every function, layer, loss and optimiser (nothing shaken off), at most 100 kB', async () => {
  const { gzip, largest } = await bundle(EVERYTHING)
  expect(gzip + (await workerSize()), largest.join('\n')).toBeLessThanOrEqual(100)
})

test('unused layers and losses are left out', async () => {
  const all = await bundle(EVERYTHING)
  const one = await bundle("export * from 'gradus'; export { relu } from 'gradus/nn'")
  const core = await bundle("export * from 'gradus'")
  expect(one.gzip - core.gzip, one.largest.join('\n')).toBeLessThan(0.25 * (all.gzip - core.gzip))
})
