"""Golden samples: functions of one or two elements, conversions, choices."""
import numpy as np
import torch

from ops_common import INF, NAN, In, b, bools, case, f, i, ints, q, u8

SHAPES = [(), (1,), (0,), (7,), (17,), (2, 3), (3, 1, 4), (0, 3), (1, 1, 1, 5), (33,)]
VIEWS = [((3, 4), 'T'), ((2, 3, 2), 'flip'), ((7, 2), 'half'), ((3,), 'exp')]
# sin, cos and tan promise their accuracy up to 1e6 in float64 (src/ir/math/trigonometry.ts)
FAR = (1e-310, 999999.5, -745.0)
SPECIAL = [0.0, -0.0, INF, -INF, NAN, 1.0, -1.0]


def unary(fn, compute, lo=-64, hi=64, edges=SPECIAL, grads=(), extreme=(1e-40, -1e-40, 1e-30, 3e38, -3e38, 88.5, -87.5, -104.0), extreme64=(1e-310, 1e300, -1e300, 709.5, -745.0)):
    for shape in SHAPES:
        case(fn, compute, [q(*shape, lo=lo, hi=hi)])
    for shape, view in VIEWS:
        case(fn, compute, [q(*shape, lo=lo, hi=hi, view=view)])
    case(fn, compute, [f(edges)], grad=False)
    for e in edges:
        case(fn, compute, [f([e] * 3)], grad=False)
    if len(grads):
        case(fn, compute, [f(list(grads))])
    if len(extreme):
        case(fn, compute, [f(list(extreme), 'float32')], grad=False)
        case(fn, compute, [f(list(extreme) + list(extreme64), 'float64')], grad=False)
    case(fn, compute, [f(np.linspace(lo / 32, hi / 32, 21).astype(np.float32))])


def integers(fn, compute, n=1):
    """The same function of int32 and uint8, overflow included."""
    low, high = -2147483648, 2147483647
    samples = [[low, high, 0, -1, 1], [7, -8, 46341, -46341, 65536], [], [5]]
    for values in samples:
        case(fn, compute, [i(values)] * n)
    case(fn, compute, [u8([0, 1, 127, 128, 255])] * n)


def wrap(g):
    """Integer results as the input's type stores them (PyTorch computes some in 64 bits)."""
    return lambda x, *rest: g(x, *rest).to(x.dtype)


def unary_functions():
    pos = [0.0, -0.0, INF, NAN, 1.0, -1.0]
    unary('neg', torch.neg)
    integers('neg', wrap(torch.neg))
    unary('abs', torch.abs, grads=[0.0, -0.0, 1.0])
    integers('abs', wrap(torch.abs))
    unary('sign', lambda x: torch.where(x.isnan(), x, x.sign()))
    unary('exp', torch.exp)
    unary('expm1', torch.expm1)
    unary('exp2', torch.exp2, extreme=())
    unary('log', torch.log, lo=1, hi=300, edges=pos, grads=[0.0, 0.5])
    unary('log1p', torch.log1p, lo=-31, hi=300, extreme=(1e-40, 1e-30, 3e38, 1e-8))
    unary('log2', torch.log2, lo=1, hi=300, edges=pos, extreme=())
    unary('log10', torch.log10, lo=1, hi=300, edges=pos, extreme=())
    unary('sqrt', torch.sqrt, lo=1, hi=300, edges=pos, grads=[0.0, 4.0])
    unary('rsqrt', torch.rsqrt, lo=1, hi=300, edges=pos, extreme=(1e-30, 3e38))
    unary('square', torch.square, extreme=(1e-30, 1e20))
    unary('reciprocal', torch.reciprocal, lo=1, hi=100, extreme=(1e-30, 3e38))
    unary('sin', torch.sin, lo=-400, hi=400, extreme=(1e-40, 1e-30, 100.5, -3000.25, 100000.5), extreme64=FAR)
    unary('cos', torch.cos, lo=-400, hi=400, extreme=(1e-40, 1e-30, 100.5, -3000.25, 100000.5), extreme64=FAR)
    unary('tan', torch.tan, lo=-40, hi=40, extreme=(1e-40, 1e-30, 100.5, -3000.25), extreme64=FAR)
    unary('asin', torch.asin, lo=-31, hi=31, extreme=(1e-40, 1e-30, 2.0, 0.9999))
    unary('acos', torch.acos, lo=-31, hi=31, extreme=(1e-40, 1e-30, 2.0, 0.9999))
    unary('atan', torch.atan)
    unary('sinh', torch.sinh)
    unary('cosh', torch.cosh)
    unary('tanh', torch.tanh)
    unary('asinh', torch.asinh)
    unary('acosh', torch.acosh, lo=33, hi=300, extreme=(1.0000001, 3e38, 0.5))
    unary('atanh', torch.atanh, lo=-31, hi=31, extreme=(1e-40, 1e-30, 0.9999, 2.0))
    unary('erf', torch.erf)
    unary('sigmoid', torch.sigmoid)
    unary('softplus', lambda x: torch.logaddexp(x, torch.zeros_like(x)), edges=[0.0, -0.0, INF, NAN, 1.0, -1.0], extreme=(1e-30, 3e38, 88.5, -87.5))
    unary('relu', torch.relu, grads=[0.0, -0.0, 1.0])
    halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609.0, -8388609.0, 2147483648.0]
    for fn in ('floor', 'ceil', 'trunc', 'round'):
        unary(fn, getattr(torch, fn), extreme=halves)
    for fn, compute in (('isNaN', torch.isnan), ('isInf', torch.isinf), ('isFinite', torch.isfinite)):
        unary(fn, compute)
    for shape in SHAPES + [(2, 2, 2), (9,), (4, 5)]:
        case('logicalNot', torch.logical_not, [bools(*shape)])
        case('bitwiseNot', torch.bitwise_not, [ints(*shape, lo=-2147483648, hi=2147483647)])
    for _ in range(10):
        case('logicalNot', torch.logical_not, [q(3, lo=-1, hi=1)])
        case('bitwiseNot', torch.bitwise_not, [u8(np.arange(5) * 51)])


PAIRS = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 4)), ((1,), (0,)), ((0, 3), (3,)), ((5, 1, 2), (3, 1)), ((17,), (17,)), ((), (2, 3)), ((4, 2), ())]


def binary(fn, compute, lo=-64, hi=64, lo2=None, hi2=None, edges=SPECIAL, grads=()):
    lo2, hi2 = lo if lo2 is None else lo2, hi if hi2 is None else hi2
    for s, t in PAIRS:
        case(fn, compute, [q(*s, lo=lo, hi=hi), q(*t, lo=lo2, hi=hi2)])
    for (s, v), (t, w) in [(((3, 4), 'T'), ((4, 3), None)), (((4, 3), None), ((3, 4), 'T')), (((5,), 'flip'), ((5,), 'flip')), (((7, 2), 'half'), ((4, 2), None)), (((3,), 'exp'), ((2, 3), 'flip'))]:
        case(fn, compute, [q(*s, lo=lo, hi=hi, view=v), q(*t, lo=lo2, hi=hi2, view=w)])
    n = len(edges)
    case(fn, compute, [f(np.repeat(edges, n)), f(np.tile(edges, n))], grad=False)
    for e in edges[:5]:
        case(fn, compute, [f([e, 1.0, 2.0]), f([1.0, e, e])], grad=False)
    if grads:
        case(fn, compute, [f(grads[0]), f(grads[1])])


def integer_pairs(fn, compute, safe=False):
    a = [-2147483648, 2147483647, 7, -7, 7, -7, 46341, 0]
    c = [1, -1, 2, 2, -2, -2, 46341, 5] if safe else [-1, 1, 2, 2, -2, -2, 46341, 5]
    case(fn, compute, [i(a), i(c)])
    case(fn, compute, [u8([0, 1, 200, 255]), u8([1, 2, 100, 255])])
    case(fn, compute, [ints(2, 3, lo=1, hi=9), ints(3, lo=1, hi=9)])


def binary_functions():
    binary('add', torch.add)
    binary('sub', torch.sub)
    binary('mul', torch.mul)
    for fn, op in (('add', torch.add), ('sub', torch.sub), ('mul', torch.mul), ('maximum', torch.maximum), ('minimum', torch.minimum)):
        integer_pairs(fn, op)
        case(fn, op, [ints(3), q(3)])
        case(fn, op, [u8([1, 250]), i([300, -5])])
    binary('div', torch.div, lo2=8, hi2=90)
    case('div', torch.div, [i([1, -7, 9]), i([2, 2, -4])])
    case('div', torch.div, [u8([1, 7]), u8([2, 0])])
    binary('floorDivide', lambda x, y: torch.floor(x / y) if x.is_floating_point() else torch.floor_divide(x, y), lo2=3, hi2=90, edges=[0.0, -0.0, NAN, 1.0, -1.0, 2.5])
    integer_pairs('floorDivide', lambda x, y: torch.floor_divide(x, y), safe=True)
    binary('remainder', torch.remainder, lo2=3, hi2=90, edges=[0.0, INF, -INF, NAN, 1.0, -1.0, 2.5, -7.25])
    integer_pairs('remainder', torch.remainder, safe=True)
    binary('pow', torch.pow, lo=1, hi=64, edges=[0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 2.0, 0.5, -3.0], grads=([0.0, 0.0, 2.0, -2.0], [0.0, 2.0, 0.0, 3.0]))
    case('pow', torch.pow, [i([2, -3, 0, 10, 7, -1, 1, 5]), i([10, 3, 0, 9, 0, -3, -2, -1])])
    case('pow', torch.pow, [u8([2, 3, 255]), u8([7, 5, 2])])
    for e in (0, 1, 2, 3, 0.5, -1, -2, 2.5):
        case('pow', torch.pow, [q(4, lo=1)], [e])
    binary('maximum', torch.maximum, grads=([1.0, 2.0, 0.0], [1.0, -2.0, 0.0]))
    binary('minimum', torch.minimum, grads=([1.0, 2.0, 0.0], [1.0, -2.0, 0.0]))
    binary('atan2', torch.atan2, lo2=1)
    for fn, op in (('eq', torch.eq), ('ne', torch.ne), ('lt', torch.lt), ('le', torch.le), ('gt', torch.gt), ('ge', torch.ge)):
        binary(fn, op, lo=-2, hi=2)
        integer_pairs(fn, op)
        case(fn, op, [b([0, 0, 1, 1]), b([0, 1, 0, 1])])
        case(fn, op, [ints(4), q(4)])
    for fn, op in (('logicalAnd', torch.logical_and), ('logicalOr', torch.logical_or), ('logicalXor', torch.logical_xor)):
        for s, t in PAIRS * 2:
            case(fn, op, [bools(*s), bools(*t)])
        case(fn, op, [f([0.0, 1.0, NAN, -0.0]), i([0, 0, 3, 4])])
    for fn, op in (('bitwiseAnd', torch.bitwise_and), ('bitwiseOr', torch.bitwise_or), ('bitwiseXor', torch.bitwise_xor)):
        for s, t in PAIRS * 2:
            case(fn, op, [ints(*s, lo=-2147483648, hi=2147483647), ints(*t, lo=-9, hi=99)])
        case(fn, op, [b([0, 0, 1, 1]), b([0, 1, 0, 1])])
        case(fn, op, [u8([255, 3, 170]), u8([15, 5, 85])])
    for fn, op in (('shiftLeft', np.left_shift), ('shiftRight', np.right_shift)):
        for s, t in PAIRS * 2:
            case(fn, lambda x, y: torch.from_numpy(np.asarray(op(x.numpy(), y.numpy()))), [ints(*s, lo=-2147483648, hi=2147483647), ints(*t, lo=0, hi=31)])
        case(fn, lambda x, y: torch.from_numpy(op(x.numpy(), y.numpy())), [u8([255, 3, 170]), u8([1, 5, 3])])


def unsigned_shift():
    for s, t in PAIRS * 2:
        if s == t:
            case('ushr', lambda x, y: torch.from_numpy(np.asarray(np.right_shift(x.numpy().view(np.uint32), y.numpy().view(np.uint32))).view(np.int32).reshape(x.shape)), [ints(*s, lo=-2147483648, hi=2147483647), ints(*t, lo=0, hi=31)])
    for k in range(16):
        case('ushr', lambda x, y: torch.from_numpy(np.right_shift(x.numpy().view(np.uint32), y.numpy().view(np.uint32)).view(np.int32)), [ints(3, lo=-2147483648, hi=2147483647), i([k, 31, 2 * k])])


def choices():
    for s, t in PAIRS * 2:
        case('where', torch.where, [bools(*s), q(*t), q(*s)])
    case('where', torch.where, [b([1, 0, 1, 0]), f([NAN, NAN, INF, 1.0]), f([1.0, 2.0, NAN, -0.0])], grad=False)
    case('where', torch.where, [b([1, 0]), i([1, -2147483648]), i([3, 2147483647])])
    for n, (lo, hi) in enumerate([(-1, 1), (None, 0.3), (-0.7, None), (0.2, 0.9), (-3, 3)] * 4):
        case('clamp', lambda x, low, high: torch.clamp(x, low, high), [f(rng_off(n, 6))], [lo, hi])
    case('clamp', lambda x, low, high: torch.clamp(x, low, high), [f([NAN, INF, -INF, 0.0])], [-1, 1], grad=False)
    for d, name in ((torch.float32, 'float32'), (torch.int32, 'int32'), (torch.uint8, 'uint8'), (torch.bool, 'bool'), (torch.float64, 'float64')):
        conv = lambda x, _n, d=d: x.to(d)
        for x in ([q(5)] if name in ('int32', 'bool') else [q(5, lo=0, hi=200)]) + [u8([0, 1, 255]), b([1, 0, 1]), ints(2, 3, lo=0, hi=200), ints(4, lo=0, hi=300, view='flip'), i([]), b(True)]:
            case('to', conv, [x], [name], grad=False)
    case('to', lambda x, _n: x.to(torch.bool), [f([0.0, -0.0, NAN, INF, 0.25])], ['bool'], grad=False)
    case('to', lambda x, _n: x.to(torch.uint8), [i([256, 300, -1, -255, 511])], ['uint8'], grad=False)
    case('to', lambda x, _n: x.to(torch.int32), [f([1.9, -1.9, 2147483000.0, -0.4], 'float64')], ['int32'], grad=False)
    case('to', lambda x, _n: x.to(torch.float32), [f([1e39, 1e-46, -1e39, 0.1], 'float64')], ['float32'], grad=False)


def rng_off(n, count):
    """Values that lie on no bound of clamp."""
    return [((k * 37 + n * 11) % 97 - 48) / 16 + 0.015625 for k in range(count)]
