// The text of small shaders, by heart: an elementwise kernel over bytes and floats, and one with a group.
import { expect, test } from 'vitest'
import { type Kernel, type Program, constant, i32, load, newVar, op, use } from '../../ir/index.ts'
import { renderWgsl } from './index.ts'

const LIMITS = { chunk: 2 ** 27, buffers: 8 }
const [lo, hi, i] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('i', 'i32')]

function programOf(kernel: Kernel, args: readonly { readonly offset?: number; readonly strides?: readonly number[] }[], count: number): Program {
  const step = { kind: 'kernel', kernel: 0, args: args.map((a, slot) => ({ slot, ...a })), parallel: true } as const
  return {
    key: 'p', kernels: [kernel], slots: args.map((_, index) => ({ kind: 'input' as const, index, bytes: 4096 })),
    steps: count === 1 ? [step] : [{ kind: 'loop', count, body: [step] }], inputs: [], outputs: [], arenaBytes: 0, scratchBytes: 0,
  }
}

test('elementwise: bytes are packed, an offset that moves is given at launch', () => {
  const value = op('max', op('mul', load(0, use(i), 'f32'), constant('f32', 2)), constant('f32', 0))
  const kernel: Kernel = {
    name: 'scale', lo, hi, extent: 100, flops: 0, bytes: 0,
    params: [{ dtype: 'float32', length: 100, access: 'read', scope: 'global' }, { dtype: 'float32', length: 100, access: 'write', scope: 'global' }, { dtype: 'bool', length: 100, access: 'write', scope: 'global' }],
    body: [{ s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [
      { s: 'store', buf: 1, index: use(i), value }, { s: 'store', buf: 2, index: use(i), value: op('ne', value, constant('f32', Number.POSITIVE_INFINITY)) },
    ] }],
  }
  const { shaders, steps } = renderWgsl(programOf(kernel, [{ strides: [400] }, {}, {}], 3), LIMITS)
  expect(shaders.map((s) => s.access)).toEqual([['read', 'read_write', 'read_write']])
  expect(steps).toMatchObject([{ kind: 'loop', count: 3, body: [{ kind: 'launch', groups: [2, 1], bases: [{ start: 0, strides: [100] }] }] }])
  expect(shaders[0]!.code).toMatchInlineSnapshot(`
    "@group(0) @binding(0) var<storage, read> b0: array<f32>;
    @group(0) @binding(1) var<storage, read_write> b1: array<f32>;
    @group(0) @binding(2) var<storage, read_write> b2: array<atomic<u32>>;
    @group(0) @binding(3) var<uniform> bases: array<vec4<i32>, 1>;
    var<private> opaque: u32;
    fn is_nan_f32(x: f32) -> bool {
      return (bitcast<u32>(x) & 2147483647u) > 2139095040u;
    }
    fn store_byte_2(i: u32, v: u32) {
      let shift = (i & 3u) << 3u;
      atomicAnd(&b2[i >> 2u], ~(255u << shift));
      atomicOr(&b2[i >> 2u], v << shift);
    }

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      opaque = wid.z;
      let lo = i32(wid.x * 64u + lid);
      if (lo >= 100i) { return; }
      let hi = lo + 1i;
      {
        let i_2 = lo;
        let t0 = b0[(bases[0].x + i_2)];
        let t1 = t0 * 2f;
        let t2 = select(t1, 0f, t1 <= 0f);
        b1[i_2] = t2;
        let t3 = (t2 != bitcast<f32>(opaque + 0x7f800000u)) | is_nan_f32(t2);
        store_byte_2(u32(i_2), select(0u, 1u, t3));
      }
    }
    "
  `)
})

test('a group: shared memory, barriers, one workgroup a unit', () => {
  const local = newVar('local', 'i32')
  const kernel: Kernel = {
    name: 'reverse', lo, hi, extent: 70000, group: { size: 8, local }, flops: 0, bytes: 0,
    params: [{ dtype: 'int32', length: 560000, access: 'readwrite', scope: 'global' }, { dtype: 'int32', length: 8, access: 'readwrite', scope: 'group' }],
    body: [
      { s: 'store', buf: 1, index: use(local), value: load(0, op('add', op('mul', use(lo), i32(8)), use(local)), 'i32') },
      { s: 'barrier' },
      { s: 'store', buf: 0, index: op('add', op('mul', use(lo), i32(8)), use(local)), value: load(1, op('sub', i32(7), use(local)), 'i32') },
    ],
  }
  const { shaders, steps } = renderWgsl({ ...programOf(kernel, [{}], 1), slots: [{ kind: 'input', index: 0, bytes: 2240000 }] }, LIMITS)
  expect(steps).toMatchObject([{ groups: [65535, 2] }])
  expect(shaders[0]!.code).toMatchInlineSnapshot(`
    "@group(0) @binding(0) var<storage, read_write> b0: array<i32>;
    var<workgroup> s1: array<i32, 8>;

    @compute @workgroup_size(8)
    fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      let lo = i32((wid.y * 65535u + wid.x));
      if (lo >= 70000i) { return; }
      let hi = lo + 1i;
      let member = i32(lid);
      let t0 = lo * 8i;
      let t1 = t0 + member;
      let t2 = b0[t1];
      s1[member] = t2;
      workgroupBarrier();
      storageBarrier();
      let t3 = 7i - member;
      let t4 = s1[t3];
      b0[t1] = t4;
    }
    "
  `)
})

test('the same program gives the same text', () => {
  const kernel: Kernel = { name: 'one', lo, hi, extent: 1, flops: 0, bytes: 0, params: [{ dtype: 'float32', length: 1, access: 'write', scope: 'global' }], body: [{ s: 'store', buf: 0, index: i32(0), value: constant('f32', Number.NaN) }] }
  expect(renderWgsl(programOf(kernel, [{}], 1), LIMITS).shaders).toEqual(renderWgsl(programOf(kernel, [{}], 1), LIMITS).shaders)
})
