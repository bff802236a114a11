// What is written for cards that have 16-bit numbers and subgroups, read by Dawn's compiler: its null adapter computes nothing
// and has every feature, so that the texts are checked on machines whose own driver has none.
import { afterAll, describe, expect, test } from 'vitest'
import { type GpuTile, gpuTarget } from '../src/compile/gpu/index.ts'
import { compile } from '../src/compile/index.ts'
import { type Node, emit as e } from '../src/ir/index.ts'
import { renderWgsl } from '../src/render/wgsl/index.ts'
import type { Gpu, GpuDevice } from '../src/runtime/webgpu/api.ts'
import { findPackage } from '../src/runtime/webgpu/presence.ts'

const path = findPackage()
// kept: a collected instance takes its devices along
const gpu = path === null ? null : ((await import(/* @vite-ignore */ path)) as { create(options: readonly string[]): Gpu }).create(['backend=null'])
const adapter = await gpu?.requestAdapter({})
const device: GpuDevice | undefined = await adapter?.requestDevice({ requiredFeatures: ['shader-f16', 'subgroups'] })

const input = (...shape: number[]): Node => e.make('input', [], { name: 'x', shape, dtype: 'float32' })
const dot = (M: number, N: number, K: number, turned = false): { params: Node[]; results: Node[] } => {
  const params = [input(1, M, K), turned ? input(1, N, K) : input(1, K, N)]
  return { params, results: [e.unary('relu', e.make('dot', turned ? [params[0]!, e.swapLast(params[1]!)] : params, {}))] }
}
const rows = ((x: Node) => ({ params: [x], results: [e.sum(x, [1]), e.make('reduceMax', [x], { axes: [1] }), e.make('reduceMax', [e.binary('lt', x, e.zerosLike(x))], { axes: [1] })] }))(input(6, 300))
const large: GpuTile = { rows: 128, columns: 64, depth: 16, own: 8 }

const kept: unknown[] = [gpu, adapter]
afterAll(() => {
  device?.destroy()
  kept.length = 0
})

describe.skipIf(device === undefined)('webgpu', () => {
  test.each([
    ['a product of halves', dot(70, 66, 20), { half: true }, /enable f16;[\s\S]*array<vec4<f16>, /],
    ['the same turned, in a tile of 8 × 8 a member', dot(128, 64, 32, true), { half: true, tile: () => large }, /enable f16;/],
    ['a product of few rows', dot(1, 9, 256, true), {}, /enable subgroups;[\s\S]*subgroupShuffleXor/],
    ['sums, extremes and truths of rows', rows, {}, /members_add_f32[\s\S]*subgroupShuffleXor/],
  ] as const)('%s', async (_, graph, how, says) => {
    const { shaders } = renderWgsl(compile(graph, gpuTarget('null', { ...how, name: JSON.stringify(how) })), { chunk: 2 ** 27, buffers: 8, subgroups: true })
    expect(shaders.map((s) => s.code).join('\n')).toMatch(says)
    for (const { code, label } of shaders) {
      const module = device!.createShaderModule({ code, label })
      kept.push(module)
      const { messages } = await module.getCompilationInfo()
      expect(messages.filter((m) => m.type === 'error').map((m) => `${label}, line ${m.lineNum}: ${m.message}`)).toEqual([])
    }
  })
})
