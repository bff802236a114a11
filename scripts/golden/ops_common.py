"""Golden samples of tensor functions: what every case is made of, and how it is written down.

A case: {fn, in: [input], args, out: [value], grad: [numbers or null]}, grad being the gradient of sum(out * cotangent)
by each floating input, with the cotangent ((7 i + 3) mod 11 - 5) / 4 at flat position i. Values are computed by PyTorch
in float64 from inputs that float32 holds exactly, unless the case names one type only.
"""
import json
import math

import numpy as np
import torch

rng = np.random.default_rng(20240607)
CASES = []
NAN, INF = math.nan, math.inf


class In:
    """One input: its element type ('f' stands for both floating types), its values and a view to look at them through."""

    def __init__(self, dtype, array, view=None, q=None):
        self.dtype, self.array, self.view, self.q = dtype, np.asarray(array), view, q


def q(*shape, lo=-64, hi=64, view=None):
    """Random multiples of 1/32."""
    ints = rng.integers(lo, hi + 1, size=shape)
    return In('f', ints / 32.0, view, q=ints)


def distinct(*shape, view=None):
    """Multiples of 1/32, none twice."""
    n = int(np.prod(shape))
    ints = (rng.permutation(2 * n + 3)[:n] - n).reshape(shape)
    return In('f', ints / 32.0, view, q=ints)


def f(values, dtype='f', view=None):
    return In(dtype, np.asarray(values, dtype=np.float32 if dtype == 'float32' else np.float64), view)


def i(values, view=None):
    return In('int32', np.asarray(values, dtype=np.int32), view)


def ints(*shape, lo=-9, hi=9, view=None):
    return i(rng.integers(lo, hi + 1, size=shape), view)


def u8(values):
    return In('uint8', np.asarray(values, dtype=np.uint8))


def b(values):
    return In('bool', np.asarray(values, dtype=bool))


def bools(*shape):
    return b(rng.integers(0, 2, size=shape).astype(bool))


def look(x, view):
    """The views of the test's side: T, flip, half (every second row), exp (a new repeated first axis)."""
    if view == 'T':
        return x.permute(tuple(reversed(range(x.dim()))))
    if view == 'flip':
        return torch.flip(x, list(range(x.dim())))
    if view == 'half':
        return x[::2]
    if view == 'exp':
        return x.unsqueeze(0).expand(2, *x.shape)
    return x


def number(v):
    v = float(v)
    if math.isnan(v):
        return 'nan'
    if math.isinf(v):
        return 'inf' if v > 0 else '-inf'
    if v == 0 and math.copysign(1, v) < 0:
        return '-0'
    if v == int(v) and abs(v) < 2**53:
        return int(v)
    return float(f'{v:.9g}')


def exact(v):
    """An input: every digit, or two runs would not start from the same number."""
    short = number(v)
    return short if isinstance(short, str) or short == float(v) else float(v)


def numbers(t):
    return [number(v) for v in np.asarray(t).reshape(-1)]


def cotangent(t):
    n = t.numel()
    return (((7 * torch.arange(n) + 3) % 11 - 5).to(t.dtype) / 4).reshape(t.shape)


NAMES = {torch.float64: 'f', torch.float32: 'f', torch.int64: 'int32', torch.int32: 'int32', torch.uint8: 'uint8', torch.bool: 'bool'}


def case(fn, compute, inputs, args=(), grad=True):
    """Runs PyTorch and keeps the result. `compute(*tensors, *args)` gives one tensor or several."""
    only32 = any(x.dtype == 'float32' for x in inputs)
    leaves = []
    for x in inputs:
        t = torch.from_numpy(np.array(x.array, order='C'))
        if x.dtype in ('f', 'float64'):
            t = t.to(torch.float64)
        if t.is_floating_point() and grad:
            t.requires_grad_(True)
        leaves.append(t)
    with np.errstate(all='ignore'):
        out = compute(*[look(t, x.view) for t, x in zip(leaves, inputs)], *args)
    outs = [torch.as_tensor(o) for o in (out if isinstance(out, (tuple, list)) else [out])]
    record = {'fn': fn, 'in': []}
    for x in inputs:
        entry = {'d': x.dtype, 's': list(x.array.shape)}
        if x.q is not None:
            entry['q'] = [int(v) for v in x.q.reshape(-1)]
        else:
            entry['v'] = [exact(v) for v in x.array.reshape(-1)]
        if x.view:
            entry['w'] = x.view
        record['in'].append(entry)
    if len(args):
        record['args'] = list(args)
    record['out'] = [{'d': NAMES[o.dtype], 's': list(o.shape), 'v': numbers(o.detach())} for o in outs]
    smooth = [o for o in outs if o.is_floating_point() and o.requires_grad]
    if grad and not only32 and smooth:
        loss = sum((o * cotangent(o)).sum() for o in smooth)
        loss.backward()
        record['grad'] = [None if not t.requires_grad else numbers(torch.zeros_like(t) if t.grad is None else t.grad) for t in leaves]
    CASES.append(record)


def write(path):
    counts = {}
    for c in CASES:
        counts[c['fn']] = counts.get(c['fn'], 0) + 1
    with open(path, 'w') as out:
        out.write('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in CASES) + '\n]\n')
    few = {k: n for k, n in counts.items() if n < 20}
    print(len(CASES), 'cases of', len(counts), 'functions', 'too few: %s' % few if few else '')
