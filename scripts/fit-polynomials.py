"""Minimax polynomials for src/ir/math/coefficients.ts (Remez exchange at 80 digits; needs mpmath).

Usage: python3 scripts/fit-polynomials.py > src/ir/math/coefficients.ts
Each fit minimises max |weight(x) * (f(x) - P(x))| over [a, b]; the error reached is printed beside it.
"""
import struct
from mpmath import mp, mpf, mpf as F, lu_solve, matrix
from mpmath import cos, pi, exp, expm1, log, log1p, sqrt, sin, atan, asin, sinh, erf, erfc

mp.dps = 80


def remez(f, w, a, b, n):
    """n coefficients, lowest power first, and the weighted error."""
    a, b = mpf(a), mpf(b)
    xs = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / n) for i in range(n + 1)]
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * (i + F(1) / 2) / (24 * n)) for i in range(24 * n)]
    fg = [f(x) for x in grid]
    wg = [w(x) for x in grid]
    best = None
    for _ in range(14):
        m = matrix(n + 1, n + 1)
        v = matrix(n + 1, 1)
        for i, x in enumerate(xs):
            for j in range(n):
                m[i, j] = x**j
            m[i, n] = (-1) ** i / w(x)
            v[i] = f(x)
        sol = lu_solve(m, v)
        c = [sol[j] for j in range(n)]
        err = []
        for x, fx, wx in zip(grid, fg, wg):
            p = mpf(0)
            for k in reversed(c):
                p = p * x + k
            err.append((fx - p) * wx)
        top = max(abs(e) for e in err)
        if best is None or top < best[1]:
            best = (c, top)
        # one extremum per run of equal signs
        runs = []
        for x, e in zip(grid, err):
            if runs and (runs[-1][1] > 0) == (e > 0):
                if abs(e) > abs(runs[-1][1]):
                    runs[-1] = (x, e)
            else:
                runs.append((x, e))
        while len(runs) > n + 1:
            runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
        if len(runs) < n + 1:
            break
        if max(abs(e) for _, e in runs) / min(abs(e) for _, e in runs) < F('1.01'):
            break
        xs = [x for x, _ in runs]
    return best


def f32(v):
    return struct.unpack('f', struct.pack('f', float(v)))[0]


def shortest(v):
    """The shortest number that rounds to the same f32."""
    return next(text for n in range(1, 10) if f32(text := repr(float(f'{float(v):.{n}g}'))) == f32(v))


E = mpf(10) ** -9
q_exp = lambda r: (expm1(r) - r) / r**2 if abs(r) > 1e-20 else F(1) / 2
p_log = lambda f: (log1p(f) - f + f * f / 2) / f**3
r_log = lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z
p_pow = lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) * 3 / (2 * sqrt(z)) - 3 - z) / z**2
odd = lambda g: lambda z: (g(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3
c_cos = lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2
LN = log(2) / 2 * F('1.001')
Z = F('1e-12')
SQ = sqrt(F(2))
S2 = ((SQ - 1) / (SQ + 1)) ** 2 * F('1.001')
PI4 = (pi / 4) ** 2 * F('1.002')


def tail(K):
    """erfc(a)·e^{a²}·(1+2a) as a function of t = (a−K)/(a+K)."""
    def g(t):
        a = K * (1 + t) / (1 - t)
        return erfc(a) * exp(a * a) * (1 + 2 * a)
    return g


def t_of(a, K):
    return (F(a) - K) / (F(a) + K)


K32, K64 = F('2'), F('4')
FITS = [
    # name, doc, f, weight, a, b, terms f32, terms f64
    ('EXPM1', '(eʳ − 1 − r)/r²  on |r| ≤ ln2/2', q_exp, lambda r: abs(r) + E, -LN, LN, 5, 11),
    ('LOG', '(ln(1+f) − f + f²/2)/f³  on √½ ≤ 1+f ≤ √2', p_log, lambda f: f * f + E, 1 / SQ - 1, SQ - 1, 9, 0),
    ('LOG_RATIO', '(ln((1+s)/(1−s))/s − 2)/s²  in z = s², 1 ≤ (1+s)/(1−s) ≤ √2', r_log, lambda z: z, Z, S2, 0, 7),
    ('LOG_POW', '(3·atanh(s)/s − 3 − s²)/s⁴  in z = s²', p_pow, lambda z: z * z, Z, S2, 4, 8),
    ('LOG_UNIT', '(ln(1+e) − e + e²/2)/e³  on 0 ≤ e ≤ 1', p_log, lambda e: e * e + E, Z, F(1), 9, 0),
    ('SIN', '(sin r − r)/r³  in z = r², |r| ≤ π/4', odd(sin), lambda z: z, Z, PI4, 3, 6),
    ('COS', '(cos r − 1 + r²/2)/r⁴  in z = r², |r| ≤ π/4', c_cos, lambda z: z * z, F('1e-8'), PI4, 3, 6),
    ('ATAN', '(atan t − t)/t³  in z = t², f32: t ≤ 1, f64: t ≤ tan(π/8)', odd(atan), lambda z: z, Z, None, 9, 12),
    ('ASIN', '(asin t − t)/t³  in z = t², t ≤ 0.6', odd(asin), lambda z: z, Z, F('0.3601'), 6, 16),
    ('SINH', '(sinh x − x)/x³  in z = x², x ≤ 1', odd(sinh), lambda z: z, Z, F(1), 4, 7),
    ('ERF', 'erf(x)/x − 1  in z = x², x ≤ 1', lambda z: erf(sqrt(z)) / sqrt(z) - 1, lambda z: F(1), Z, F('1.001'), 7, 13),
    ('ERF_LARGE', 'erf(a)  in u = a − 2.5, 1 ≤ a ≤ 4', lambda u: erf(u + F('2.5')), lambda u: 1, F('-1.51'), F('1.45'), 15, 0),
    ('ERFC', 'erfc(a)·e^{a²}·(1+2a)  in t = (a−K)/(a+K), 1/2 ≤ a ≤ 12 (f32) or 28 (f64)', None, lambda t: 1, None, None, 10, 22),
]

print('// Minimax polynomial coefficients, lowest power first. Written by scripts/fit-polynomials.py; the relative errors')
print('// beside them are those of the exact polynomial before its coefficients are rounded. Those of f32 are the shortest numbers that')
print('// round to them.')
print(f'export const ERFC_CENTER = {{ f32: {int(K32)}, f64: {int(K64)} }}')
print()
for name, doc, f, w, a, b, n32, n64 in FITS:
    for kind, n in (('f32', n32), ('f64', n64)):
        if n == 0:
            continue
        ff, aa, bb = f, a, b
        if name == 'ATAN':
            bb = F('1.0001') if kind == 'f32' else (SQ - 1) ** 2 * F('1.001')
        if name == 'ERFC':
            K, top = (K32, 12) if kind == 'f32' else (K64, 28)
            ff, aa, bb = tail(K), t_of('0.499', K), t_of(top, K)
        c, e = remez(ff, w, aa, bb, n)
        out = ', '.join(shortest(x) if kind == 'f32' else repr(float(x)) for x in c)
        print(f'/** {doc}; {kind}, error 2^{float(mp.log(e, 2)):.1f} */')
        print(f'export const {name}_{kind.upper()}: readonly number[] = [{out}]')
