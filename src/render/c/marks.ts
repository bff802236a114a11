// Programs that tell how long their kernels take. They write into a buffer of float64: the first moment and the number of
// calls noted one by one, then for every kernel its nanoseconds and calls, then (kernel, begin, end) of each call noted.

/** Calls noted one by one; the others are only counted. */
const NOTED = 65536
const HEAD = 2

export const marksBytes = (kernels: number): number => 8 * (HEAD + 2 * kernels + 3 * NOTED)

export const MARKS = `#define _GNU_SOURCE
#include <time.h>
static double gradus_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}
static void gradus_mark(double *m, int kernels, int kernel, double since) {
  double now = gradus_now() - m[0];
  m[${HEAD} + 2 * kernel] += now - (since - m[0]);
  m[${HEAD + 1} + 2 * kernel] += 1;
  if (m[1] >= ${NOTED}) return;
  double *s = m + ${HEAD} + 2 * kernels + 3 * (long)m[1];
  s[0] = kernel, s[1] = since - m[0], s[2] = now, m[1] += 1;
}`

/** The first line of the program; its marks lie in the slot after its own. */
export const beginMarks = (slots: number, kernels: number): string =>
  `  double *const marks = (double *)slots[${slots}];\n  for (int i = 1; i < ${HEAD + 2 * kernels}; i++) marks[i] = 0;\n  marks[0] = gradus_now();`

/** Tells `seen` of every call; of those that were only counted together, at the end. `begin`: when the program began, in ms. */
export function readMarks(marks: Float64Array, begin: number, seen: (kernel: number, start: number, end: number, calls: number) => void): void {
  const kernels = (marks.length - HEAD - 3 * NOTED) / 2
  const rest = marks.slice(HEAD, HEAD + 2 * kernels)
  let last = begin
  for (let i = 0; i < marks[1]!; i++) {
    const at = HEAD + 2 * kernels + 3 * i
    const [kernel, start, end] = [marks[at]!, marks[at + 1]!, marks[at + 2]!]
    seen(kernel, begin + start / 1e6, (last = begin + end / 1e6), 1)
    rest[2 * kernel]! -= end - start
    rest[2 * kernel + 1]! -= 1
  }
  for (let k = 0; k < kernels; k++) {
    const calls = rest[2 * k + 1]!
    if (calls > 0) seen(k, last, (last += rest[2 * k]! / 1e6), calls)
  }
}
