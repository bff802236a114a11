// The text of a small program, by heart: what is written, how it is called, and that equal kernels are written once.
import { expect, test } from 'vitest'
import { type Kernel, type Program, constant, i32, load, newVar, op, splat, use } from '../../ir/index.ts'
import { renderC } from './index.ts'

/** out = max(a, 0)·s over 40 elements: vectors of 16, then one at a time. */
function kernel(): Kernel {
  const [lo, hi, i, j] = ['lo', 'hi', 'i', 'j'].map((n) => newVar(n, 'i32')) as [ReturnType<typeof newVar>, ReturnType<typeof newVar>, ReturnType<typeof newVar>, ReturnType<typeof newVar>]
  const scale = newVar('scale', 'f32')
  const value = (at: ReturnType<typeof use>, lanes: number) => op('mul', op('max', load(0, at, 'f32', lanes), constant('f32', 0, lanes)), splat(use(scale), lanes))
  return {
    name: 'relu', lo, hi, extent: 1, flops: 1e6, bytes: 320,
    params: [{ dtype: 'float32', length: 40, access: 'read', scope: 'global' }, { dtype: 'float32', length: 1, access: 'read', scope: 'global' }, { dtype: 'float32', length: 40, access: 'write', scope: 'global' }],
    body: [
      { s: 'let', v: scale, value: load(1, i32(0), 'f32') },
      { s: 'for', v: i, lo: i32(0), hi: i32(32), step: 16, body: [{ s: 'store', buf: 2, index: use(i), value: value(use(i), 16) }] },
      { s: 'for', v: j, lo: i32(32), hi: i32(40), step: 1, body: [{ s: 'store', buf: 2, index: use(j), value: value(use(j), 1) }] },
    ],
  }
}

function program(aliased: boolean): Program {
  return {
    key: 'p', kernels: [kernel(), { ...kernel(), extent: 8 }],
    slots: [{ kind: 'input', index: 0, bytes: 160 }, { kind: 'input', index: 1, bytes: 4 }, { kind: 'output', index: 0, bytes: 160 }, { kind: 'temp', offset: 0, bytes: 640 }],
    steps: [
      { kind: 'kernel', kernel: 0, args: [{ slot: 0 }, { slot: 1 }, { slot: aliased ? 0 : 2 }], parallel: false },
      { kind: 'loop', count: 4, body: [{ kind: 'kernel', kernel: 1, args: [{ slot: 2 }, { slot: 1 }, { slot: 3, offset: 0, strides: [160] }], parallel: true }] },
    ],
    inputs: [], outputs: [], arenaBytes: 640,
  }
}

test('the text', () => {
  const { source, slots, arenaBytes } = renderC(program(false), { lanes: 16 })
  expect(slots.length).toBe(4)
  expect(arenaBytes).toBe(640)
  expect(source).toMatchInlineSnapshot(`
    "struct gradus_team {
      void (*share)(struct gradus_team *team, void (*kernel)(char *const *, char *, long, long), char *const *args, int count, long extent, int pieces);
      char *scratch;
    };

    typedef float f32x16 __attribute__((vector_size(64)));
    typedef f32x16 f32x16u __attribute__((aligned(4), may_alias));
    static inline __attribute__((always_inline)) f32x16 maxwith_f32x16(f32x16 a, f32x16 b) { f32x16 r; for (int l = 0; l < 16; l++) r[l] = b[l] > a[l] ? b[l] : a[l]; return r; }
    static inline __attribute__((always_inline)) float maxwith_f32(float a, float b) { return b > a ? b : a; }

    static void k0_relu(char *const *a, char *s, long lo, long hi) {
      const float *restrict b0 = (const float *)a[0];
      const float *restrict b1 = (const float *)a[1];
      float *restrict b2 = (float *)a[2];
      float t0 = *(b1);
      float scale_2 = t0;
      for (long i_3 = 0, i_3e = 32; i_3 < i_3e; i_3 += 16) {
        f32x16 t1 = *(const f32x16u *)(b0 + i_3);
        f32x16 t2 = maxwith_f32x16(t1, (f32x16){0}) + (f32x16){0};
        f32x16 t3 = scale_2 - (f32x16){0};
        f32x16 t4 = t2 * t3;
        *(f32x16u *)(b2 + i_3) = t4;
      }
      for (long j_4 = 32, j_4e = 40; j_4 < j_4e; j_4 += 1) {
        float t5 = *(b0 + j_4);
        float t6 = maxwith_f32(t5, 0.0f) + 0.0f;
        float t7 = t6 * scale_2;
        *(b2 + j_4) = t7;
      }
    }

    __attribute__((visibility("default"))) void gradus_main(struct gradus_team *team, char *const *slots) {
      { char *const a[] = {slots[0], slots[1], slots[2]}; k0_relu(a, team->scratch, 0, 1); }
      for (long l0 = 0; l0 < 4; l0++) {
        { char *const a[] = {slots[2], slots[1], slots[3] + l0 * 160l}; team->share(team, k0_relu, a, 3, 8, 5); }
      }
    }
    "
  `)
})

test('buffers that overlap are not promised to be apart, and what was loaded is not taken as known after a store', () => {
  const { source } = renderC(program(true), { lanes: 16 })
  expect(source).toContain('static void k0_relu(char *const *a, char *s, long lo, long hi) {\n  const float *b0')
  expect(source).toContain('static void k1_relu(char *const *a, char *s, long lo, long hi) {\n  const float *restrict b0')
})

test('the same program gives the same text: names do not come from counters of the process', () => {
  expect(renderC(program(false), { lanes: 16 }).source).toBe(renderC(program(false), { lanes: 16 }).source)
})
