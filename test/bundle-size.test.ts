// What a web page pays: tensors, layers and the WebAssembly device, bundled for the browser.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/**
 * Bundles the imports as a page would, from the sources; sizes in kB (1000 bytes) of what is loaded at once: what the code
 * imports on use (`await import(…)`) lies in files of its own and is not counted.
 */
async function bundle(code: string): Promise<{ gzip: number; largest: string[]; inputs: string[] }> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    alias: { 'gradus/nn': resolve(root, 'src/nn/index.ts'), gradus: resolve(root, 'src/index.ts') },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    outdir: 'bundle',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const { outputs } = result.metafile
  const loaded = new Set<string>()
  const load = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    for (const { path, kind } of outputs[file]!.imports) if (kind === 'import-statement') load(path)
  }
  load(Object.keys(outputs).find((file) => outputs[file]!.entryPoint !== undefined && !outputs[file]!.entryPoint!.startsWith('src/'))!)
  const inputs = [...loaded].flatMap((file) => Object.entries(outputs[file]!.inputs).map(([name, { bytesInOutput }]) => ({ name, bytesInOutput })))
  inputs.sort((a, b) => b.bytesInOutput - a.bytesInOutput)
  const files = result.outputFiles.filter(({ path }) => [...loaded].some((name) => path === resolve(root, name)))
  return {
    gzip: files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000,
    inputs: inputs.filter(({ bytesInOutput }) => bytesInOutput > 0).map(({ name }) => name),
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
/** Layers and losses as most pages have them: no convolution, no attention, no loop. */
const TRAINING_PAGE = `
  export { grad, jit, tensor, valueAndGrad } from 'gradus'
  export { Adam, crossEntropy, Linear, Module, relu, Sequential } from 'gradus/nn'`
const CONVOLUTION_PAGE = `${TRAINING_PAGE}
  export { Conv2d } from 'gradus/nn'`

/**
 * kB; the target of a training page is 80. Convolutions, attention and loops bring their ops and kernels along with the functions
 * that make them (src/tensor/families.ts), so that a page without them does not load these: on 2026-11-27 a page of linear
 * layers went from 100.1 to 78.9, one with convolutions from 100.2 to 91.9. With all functions nothing is left out, and taking
 * the families apart costs 0.9 (124.8 → 125.7); masks within attention and what else came that day 1.3 more (→ 127.0).
 * What convolutions cost: Winograd's 4.9, direct ones 3.4, the op and its gradients 2; attention without T × T scores 4.8.
 */
const LIMITS = { page: 80, convolution: 93, everything: 128 }

test.each([['linear layers', TRAINING_PAGE, LIMITS.page], ['convolutions', CONVOLUTION_PAGE, LIMITS.convolution]])('a page that trains a network with %s on the wasm device', async (_, code, limit) => {
  const { gzip, largest } = await bundle(code)
  expect(gzip).toBeGreaterThan(40) // it was measured at all
  expect(gzip + (await workerSize()), largest.join('\n')).toBeLessThanOrEqual(limit)
})

test('what a page does not call, it does not load', async () => {
  const kernels = (inputs: readonly string[]): string[] => inputs.filter((name) => /winograd-conv|direct|compile\/attention|kernels\/attention-gradient|compile\/control|ops\/(attention|control|convolution)/.test(name))
  expect(kernels((await bundle(TRAINING_PAGE)).inputs)).toEqual([])
  expect(kernels((await bundle(CONVOLUTION_PAGE)).inputs).filter((name) => /attention|control/.test(name))).toEqual([])
})

test('the WebGPU device is no part of a page that does not ask for it', async () => {
  const { inputs } = await bundle(TRAINING_PAGE)
  expect(inputs.filter((name) => /wgsl|runtime\/webgpu\/runtime|webgpu-backend|compile\/gpu/.test(name))).toEqual([])
})

test('with every function, layer, loss and optimiser (nothing shaken off), it stays in bounds', async () => {
  const { gzip, largest } = await bundle(EVERYTHING)
  expect(gzip + (await workerSize()), largest.join('\n')).toBeLessThanOrEqual(LIMITS.everything)
})

test('unused layers and losses are left out', async () => {
  const all = await bundle(EVERYTHING)
  const one = await bundle("export * from 'gradus'; export { relu } from 'gradus/nn'")
  const core = await bundle("export * from 'gradus'")
  expect(one.gzip - core.gzip, one.largest.join('\n')).toBeLessThan(0.25 * (all.gzip - core.gzip))
})
