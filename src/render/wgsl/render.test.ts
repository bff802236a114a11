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
    steps: count === 1 ? [step] : [{ kind: 'loop', count, body: [step] }], inputs: [], outputs: [], arenaBytes: 0,
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
    fn is_nan_f32(x: f32) -> bool {
      return (bitcast<u32>(x) & 2147483647u) > 2139095040u;
    }
    var<private> opaque: u32;
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
        let t2 = select(t1, 0f, (t1 <= 0f) & !is_nan_f32(t1));
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

/** Each unit's sum and whether all is positive, of 64 members. */
const folding = ((): Kernel => {
  const [local, x, all] = [newVar('local', 'i32'), newVar('x', 'f32'), newVar('all', 'bool')]
  return {
    name: 'sums', lo, hi, extent: 5, group: { size: 64, local }, flops: 0, bytes: 0,
    params: [{ dtype: 'float32', length: 320, access: 'read', scope: 'global' }, { dtype: 'float32', length: 5, access: 'write', scope: 'global' }, { dtype: 'float32', length: 64, access: 'readwrite', scope: 'group', half: true }],
    body: [
      { s: 'store', buf: 2, index: use(local), value: load(0, op('add', op('mul', use(lo), i32(64)), use(local)), 'f32') },
      { s: 'let', v: x, value: load(2, use(local), 'f32') },
      { s: 'let', v: all, value: op('lt', constant('f32', 0), use(x)) },
      { s: 'fold', v: x, op: 'add' }, { s: 'fold', v: all, op: 'and' },
      { s: 'if', cond: op('and', op('eq', use(local), i32(0)), use(all)), then: [{ s: 'store', buf: 1, index: use(lo), value: use(x) }], else: [] },
    ],
  }
})()
test('a fold over the members, in shared memory; halves', () => {
  expect(renderWgsl(programOf(folding, [{}, {}], 1), LIMITS).shaders[0]!.code).toMatchInlineSnapshot(`
    "enable f16;
    @group(0) @binding(0) var<storage, read> b0: array<f32>;
    @group(0) @binding(1) var<storage, read_write> b1: array<f32>;
    var<workgroup> s2: array<f16, 64>;
    var<workgroup> members_f32: array<f32, 64>;
    fn members_add_f32(v: f32, lid: u32) -> f32 {
      members_f32[lid] = v;
      workgroupBarrier();
      for (var half = 32u; half > 0u; half >>= 1u) {
        if (lid < half) {
          let a = members_f32[lid];
          let b = members_f32[lid + half];
          members_f32[lid] = a + b;
        }
        workgroupBarrier();
      }
      let x = members_f32[0];
      workgroupBarrier();
      return x;
    }
    var<workgroup> members_i32: array<i32, 64>;
    fn members_and_bool(v: bool, lid: u32) -> bool {
      members_i32[lid] = select(0i, 1i, v);
      workgroupBarrier();
      for (var half = 32u; half > 0u; half >>= 1u) {
        if (lid < half) {
          let a = members_i32[lid];
          let b = members_i32[lid + half];
          members_i32[lid] = a & b;
        }
        workgroupBarrier();
      }
      let x = members_i32[0];
      workgroupBarrier();
      return x != 0i;
    }

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      let lo = i32(wid.x);
      let hi = lo + 1i;
      let member = i32(lid);
      let t0 = lo * 64i;
      let t1 = t0 + member;
      let t2 = b0[t1];
      s2[member] = f16(t2);
      let t3 = f32(s2[member]);
      var x_3: f32 = t3;
      let t4 = 0f < x_3;
      var all_4: bool = t4;
      x_3 = members_add_f32(x_3, lid);
      storageBarrier();
      all_4 = members_and_bool(all_4, lid);
      storageBarrier();
      let t5 = member == 0i;
      let t6 = t5 & all_4;
      if (t6) {
        b1[lo] = x_3;
      }
    }
    "
  `)
})
test('the same with subgroups', () => {
  expect(renderWgsl(programOf(folding, [{}, {}], 1), { ...LIMITS, subgroups: true }).shaders[0]!.code).toMatchInlineSnapshot(`
    "enable f16;
    enable subgroups;
    @group(0) @binding(0) var<storage, read> b0: array<f32>;
    @group(0) @binding(1) var<storage, read_write> b1: array<f32>;
    var<workgroup> s2: array<f16, 64>;
    var<workgroup> members_f32: array<f32, 64>;
    fn members_add_f32(v: f32, lid: u32, subgroup: u32, lane: u32) -> f32 {
      members_f32[lid] = v;
      workgroupBarrier();
      var x = members_f32[lane];
      for (var at = lane + subgroup; at < 64u; at += subgroup) {
        let b = members_f32[at];
        x = x + b;
      }
      for (var apart = subgroup >> 1u; apart > 0u; apart >>= 1u) {
        let b = subgroupShuffleXor(x, apart);
        x = x + b;
      }
      workgroupBarrier();
      return x;
    }
    var<workgroup> members_i32: array<i32, 64>;
    fn members_and_bool(v: bool, lid: u32, subgroup: u32, lane: u32) -> bool {
      members_i32[lid] = select(0i, 1i, v);
      workgroupBarrier();
      var x = members_i32[lane];
      for (var at = lane + subgroup; at < 64u; at += subgroup) {
        let b = members_i32[at];
        x = x & b;
      }
      for (var apart = subgroup >> 1u; apart > 0u; apart >>= 1u) {
        let b = subgroupShuffleXor(x, apart);
        x = x & b;
      }
      workgroupBarrier();
      return x != 0i;
    }

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32, @builtin(subgroup_size) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
      let lo = i32(wid.x);
      let hi = lo + 1i;
      let member = i32(lid);
      let t0 = lo * 64i;
      let t1 = t0 + member;
      let t2 = b0[t1];
      s2[member] = f16(t2);
      let t3 = f32(s2[member]);
      var x_3: f32 = t3;
      let t4 = 0f < x_3;
      var all_4: bool = t4;
      x_3 = members_add_f32(x_3, lid, subgroup, lane);
      storageBarrier();
      all_4 = members_and_bool(all_4, lid, subgroup, lane);
      storageBarrier();
      let t5 = member == 0i;
      let t6 = t5 & all_4;
      if (t6) {
        b1[lo] = x_3;
      }
    }
    "
  `)
})

test('the same program gives the same text', () => {
  const kernel: Kernel = { name: 'one', lo, hi, extent: 1, flops: 0, bytes: 0, params: [{ dtype: 'float32', length: 1, access: 'write', scope: 'global' }], body: [{ s: 'store', buf: 0, index: i32(0), value: constant('f32', Number.NaN) }] }
  expect(renderWgsl(programOf(kernel, [{}], 1), LIMITS).shaders).toEqual(renderWgsl(programOf(kernel, [{}], 1), LIMITS).shaders)
})
