"""Golden samples: reductions, orders, movements, reading and writing by index."""
import numpy as np
import torch
import torch.nn.functional as F

from ops_common import INF, NAN, b, bools, case, distinct, f, i, ints, q, u8

#        shape, axes (null: all)
REDUCED = [((), None), ((5,), None), ((5,), 0), ((1,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3), [0, 1]), ((2, 3, 4), [0, 2]), ((2, 3, 4), 1), ((33,), None), ((4, 1, 3), 1), ((2, 2, 2, 2), [1, 3])]
EMPTY = [((0,), None), ((0, 3), 0), ((0, 3), 1), ((2, 0, 3), 1), ((2, 0, 3), [0, 1])]
SEEN = [((4, 3), 'T', 0), ((4, 3), 'flip', 1), ((7, 2), 'half', 0), ((3,), 'exp', 0), ((3,), 'exp', 1)]


def dims(x, axes):
    if axes is None:
        return tuple(range(x.dim()))
    return tuple(axes) if isinstance(axes, list) else (axes,)


def reduction(fn, compute, empty=True, grad=True, make=q, edges=True, extra=()):
    """compute(x, dims, keep, *extra)"""
    def run(x, axes, keep, *more):
        d = dims(x, axes)
        return compute(x, d, keep, *more)
    for n, (shape, axes) in enumerate(REDUCED + (EMPTY if empty else [])):
        case(fn, run, [make(*shape)], [axes, n % 3 == 0, *extra], grad=grad)
    for shape, view, axes in SEEN:
        case(fn, run, [make(*shape, view=view)], [axes, False, *extra], grad=grad)
    if edges:
        for values in ([NAN, 1.0, 2.0], [INF, 1.0, 2.0], [-INF, 1.0, -2.0], [INF, -INF, 1.0], [0.0, -0.0, 0.0]):
            case(fn, run, [f([values, [1.0, 2.0, 3.0]])], [1, False, *extra], grad=False)


def no_dims(g):
    """For functions that read an empty list of axes as all of them."""
    return lambda x, d, keep, *more: g(x, d, keep, *more) if len(d) else g(x.reshape(1), (0,), False, *more)


def integer_kinds(fn, compute):
    for axes in (None, 0, 1):
        run = lambda x, a, keep: torch.as_tensor(compute(x, dims(x, a), keep))
        case(fn, run, [ints(2, 3)], [axes, False])
        case(fn, run, [u8([[1, 255, 3], [200, 0, 9]])], [axes, False])
    case(fn, run, [i([2147483647, 2147483647, 5])], [0, False])


def multi_prod(x, d, keep):
    for a in sorted((a % x.dim() for a in d), reverse=True):
        x = x.prod(a, keepdim=keep)
    return x


def to32(t, x):
    return t if t.is_floating_point() else t.to(torch.int32)


def reductions():
    reduction('sum', no_dims(lambda x, d, k: x.sum(d, keepdim=k)))
    integer_kinds('sum', lambda x, d, k: x.sum(d, keepdim=k).to(torch.int32))
    case('sum', lambda x, a, k: x.sum().to(torch.int32), [b([1, 0, 1])], [None, False])
    reduction('prod', multi_prod)
    integer_kinds('prod', lambda x, d, k: multi_prod(x, d, k).to(torch.int32))
    case('prod', lambda x, a, k: x.prod(1), [f([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]])], [1, False])
    reduction('max', no_dims(lambda x, d, k: torch.amax(x, d, k)), empty=False)
    reduction('min', no_dims(lambda x, d, k: torch.amin(x, d, k)), empty=False)
    for fn, op in (('max', torch.amax), ('min', torch.amin)):
        integer_kinds(fn, lambda x, d, k: op(x, d, k))
        case(fn, lambda x, a, k: op(x, (1,)), [f([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])], [1, False])
        case(fn, lambda x, a, k: op(x, (1,)), [f([[1.0, 1.0, 3.0], [NAN, 2.0, 2.0]])], [1, False], grad=False)
    reduction('mean', no_dims(lambda x, d, k: x.mean(d, keepdim=k)))
    case('mean', lambda x, a, k: x.to(torch.float32).mean(), [ints(2, 3)], [None, False], grad=False)
    reduction('var', no_dims(lambda x, d, k: torch.var(x, d, correction=1, keepdim=k)), empty=False, edges=False)
    for c in (0, 1, 2):
        case('var', lambda x, a, k, c: torch.var(x, (1,), correction=c, keepdim=k), [q(3, 4)], [1, True, c])
    for shape, axes in [r for r in REDUCED if r[0] not in ((), (1,), (4, 1, 3))] * 2:
        case('std', lambda x, a, k, c: torch.std(x, dims(x, a), correction=c, keepdim=k), [distinct(*shape)], [axes, True, 0])
    reduction('logsumexp', no_dims(lambda x, d, k: torch.logsumexp(x, d, k)))
    case('logsumexp', lambda x, a, k: torch.logsumexp(x, 1), [f([[1000.0, 1000.5], [-1000.0, -1001.0], [-INF, 0.0]])], [1, False], grad=False)
    reduction('norm', no_dims(lambda x, d, k: torch.linalg.vector_norm(x, 2, d, k)), empty=False)
    case('norm', lambda x, a, k: torch.linalg.vector_norm(x, 2, (1,)), [f([[0.0, 0.0], [3.0, 4.0]])], [1, False])
    for fn, op in (('any', torch.any), ('all', torch.all)):
        def some(x, axes, keep, op=op):
            y = x
            for a in sorted((a % x.dim() for a in dims(x, axes)), reverse=True):
                y = op(y, a, keep)
            return y.to(torch.bool)
        for shape, axes in REDUCED + EMPTY:
            case(fn, some, [bools(*shape)], [axes, False])
        for axes in (None, 0, 1):
            case(fn, some, [f([[0.0, NAN, -0.0], [1.0, 0.0, 0.0]])], [axes, True], grad=False)
    for fn, op in (('softmax', F.softmax), ('logSoftmax', F.log_softmax)):
        for shape, axis in [((), -1), ((5,), 0), ((1,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), -1), ((33,), 0), ((0, 3), 1), ((3, 0), 0), ((2, 1), 1)]:
            if shape != ():
                case(fn, op, [q(*shape)], [axis])
                case(fn, op, [q(*shape, lo=-900, hi=900)], [axis])
        for shape, view, axis in SEEN:
            case(fn, op, [q(*shape, view=view)], [axis])
        case(fn, op, [f([[1000.0, 0.0], [-1000.0, 0.0], [INF, 1.0], [NAN, 1.0], [-INF, 1.0], [-INF, -INF]])], [1], grad=False)
    for shape, axis in [((5,), 0), ((1,), 0), ((0,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), -1), ((33,), 0), ((0, 3), 1), ((3, 0), 1)]:
        for reverse in (False, True):
            sums = lambda x, a, r: torch.flip(torch.cumsum(torch.flip(x, [a]), a), [a]) if r else torch.cumsum(x, a)
            case('cumsum', sums, [q(*shape)], [axis, reverse])
            case('cumsum', lambda x, a, r: sums(x, a, r).to(torch.int32), [ints(*shape)], [axis, reverse])
    for shape, view, axis in SEEN:
        case('cumsum', sums, [q(*shape, view=view)], [axis, False])
    case('cumsum', sums, [f([1.0, INF, 2.0, -INF, 1.0, NAN])], [0, False], grad=False)
    case('cumsum', lambda x, a, r: sums(x, a, r).to(torch.int32), [i([2147483647, 1, 5])], [0, False])
    case('cumsum', lambda x, a, r: sums(x, a, r).to(torch.int32), [u8([255, 1, 5])], [0, False])


def orders():
    for fn, op in (('argmax', np.argmax), ('argmin', np.argmin)):
        run = lambda x, axis: torch.as_tensor(op(x.detach().numpy()) if axis is None else op(x.detach().numpy(), axis)).to(torch.int32)
        for shape, axis in [((5,), 0), ((1,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), None), ((2, 3, 4), -1), ((33,), 0), ((0, 3), 1), ((2, 0), 0), ((3, 1), 1), ((17, 2), 0)]:
            case(fn, run, [q(*shape, lo=-3, hi=3)], [axis], grad=False)
            case(fn, run, [ints(*shape)], [axis])
        for values in ([NAN, 1.0, 5.0], [1.0, NAN, INF], [2.0, 2.0, 1.0], [-INF, -INF, -INF], [0.0, -0.0, 0.0], [1.0, 7.0, NAN]):
            case(fn, run, [f(values)], [0], grad=False)
        for shape, view, axis in SEEN:
            case(fn, run, [q(*shape, lo=-3, hi=3, view=view)], [axis], grad=False)
        case(fn, run, [u8([3, 255, 0])], [0])
    def order(x, axis, descending):
        v = x.detach().numpy()
        return torch.from_numpy(np.argsort(-v.astype(np.float64) if descending else v, axis=axis, kind='stable').astype(np.int32))
    def ordered(x, axis, descending):
        return torch.gather(x, axis, order(x, axis, descending).to(torch.int64))
    for shape, axis in [((5,), 0), ((1,), 0), ((0,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 4), 1), ((33,), 0), ((0, 3), 1), ((17, 2), 0), ((64,), 0)]:
        for descending in (False, True):
            case('argsort', order, [q(*shape, lo=-3, hi=3)], [axis, descending], grad=False)
            case('argsort', order, [ints(*shape)], [axis, descending])
            case('sort', ordered, [distinct(*shape)], [axis, descending])
    for values in ([NAN, 1.0, INF, -INF, NAN, 0.0, -0.0], [3.0, NAN], [2.0, 1.0, 2.0, 1.0]):
        for descending in (False, True):
            case('argsort', order, [f(values)], [0, descending], grad=False)
            case('sort', ordered, [f(values)], [0, descending], grad=False)
    case('argsort', order, [i([-2147483648, 2147483647, 0, -2147483648])], [0, True])
    case('sort', ordered, [i([-2147483648, 2147483647, 0, -2147483648])], [0, False])
    for shape, view, axis in SEEN:
        case('sort', ordered, [q(*shape, view=view)], [axis, True], grad=False)
    def top(x, k, axis, largest):
        n = order(x, axis, largest).narrow(axis, 0, k)
        return torch.gather(x, axis, n.to(torch.int64)), n
    for k, shape, axis in [(1, (5,), 0), (0, (5,), 0), (5, (5,), 0), (2, (4, 3), 0), (2, (4, 3), 1), (3, (2, 3, 4), -1), (10, (33,), 0), (1, (1,), 0), (0, (0,), 0), (2, (0, 3), 1)]:
        for largest in (True, False):
            case('topk', top, [distinct(*shape)], [k, axis, largest])


def movements():
    shapes = [(), (1,), (0,), (5,), (2, 3), (3, 1, 4), (0, 3), (2, 3, 2, 2), (1, 1), (17,), (2, 0, 3), (1, 4, 1)]
    for shape in shapes:
        for to in ([-1], [int(np.prod(shape))], [*shape], [1, *shape, 1], list(reversed(shape))):
            if not (0 in shape and -1 in to):
                case('reshape', lambda x, s: x.reshape(s), [q(*shape)], [to])
        for make in (q, ints):
            case('flatten', lambda x: x.reshape(-1) if x.dim() else x.reshape(1), [make(*shape)])
            case('T', lambda x: x.permute(tuple(reversed(range(x.dim())))), [q(*shape)])
            case('squeeze', torch.squeeze, [make(*shape)])
        case('flip', lambda x: torch.flip(x, list(range(x.dim()))), [q(*shape)])
        case('unsqueeze', torch.unsqueeze, [q(*shape)], [0])
        case('unsqueeze', torch.unsqueeze, [q(*shape)], [-1])
        case('expand', lambda x, s: x.expand(s), [q(*shape)], [[2, *shape]])
        case('expand', lambda x, s: x.expand(s), [q(*shape)], [[3, 2, *shape]])
    for shape, axes in [((2, 3), [1, 0]), ((2, 3, 4), [2, 0, 1]), ((2, 3, 4), [0, -1, 1]), ((1, 5, 1), [1, 0, 2]), ((0, 3), [1, 0]), ((2, 3, 2, 2), [3, 1, 0, 2]), ((), []), ((17, 9), [1, 0]), ((5,), [0]), ((2, 2, 2), [2, 1, 0])] * 2:
        case('permute', lambda x, a: x.permute(a), [q(*shape)], [axes])
        case('permute', lambda x, a: x.permute(a), [ints(*shape)], [axes])
    for s, t in [((1, 3), [4, 3]), ((3, 1), [3, 4]), ((1, 1), [2, 5]), ((1,), [0]), ((2, 1, 3), [2, 4, 3]), ((1, 0), [3, 0])]:
        case('expand', lambda x, sh: x.expand(sh), [q(*s)], [t])
    for shape, axes in [((2, 3), [0]), ((2, 3), [1]), ((2, 3, 4), [0, 2]), ((7,), [0]), ((0, 3), [1]), ((3, 1, 4), [1])] * 2:
        case('flip', torch.flip, [q(*shape)], [axes])
    for shape, spec in SLICES:
        case('at', sliced, [q(*shape)], [spec])
    case('at', sliced, [ints(4, 5)], [[[3, None, -2], [None, None, 2]]])
    for shape, widths, value in [((3,), [[1, 2]], 0), ((3,), [[0, 0]], 0), ((3,), [[-1, 0]], 0), ((3,), [[-1, 2]], 5), ((4,), [[2, -3]], -1), ((2, 3), [[1, 0], [0, 2]], 1.5), ((2, 3), [[1, 1]], 0), ((0,), [[2, 1]], 3), ((), [], 1), ((2, 2, 2), [[0, 1], [1, 0]], 0), ((4, 4), [[-1, -1], [-2, -1]], 0), ((2, 1), [[-1, 0], [0, 3]], 2)] * 2:
        flat = [n for w in reversed(widths) for n in w]
        case('pad', lambda x, w, v: F.pad(x, flat, value=v) if flat else x, [q(*shape)], [widths, value])
    case('pad', lambda x, w, v: F.pad(x, [1, 1], value=v), [ints(3)], [[[1, 1]], -7])
    case('pad', lambda x, w, v: F.pad(x, [1, 1], value=v), [f([NAN, 1.0])], [[[1, 1]], 9], grad=False)
    for shape, reps in [((3,), [2]), ((3,), [2, 2]), ((2, 3), [2]), ((2, 3), [1, 2]), ((), [3]), ((2, 1), [0, 2]), ((0, 2), [2, 2]), ((2, 2), [2, 1, 3]), ((1,), [1]), ((4,), [1, 1])] * 2:
        case('tile', lambda x, r: x.tile(r), [q(*shape)], [reps])
    for shape, shift, axis in [((5,), 2, 0), ((5,), -1, 0), ((5,), 7, 0), ((5,), 0, 0), ((2, 3), 1, 1), ((2, 3), 1, 0), ((0, 3), 1, 0), ((1,), 3, 0), ((2, 3, 4), -2, 2), ((33,), 16, 0)] * 2:
        case('roll', torch.roll, [q(*shape)], [shift, axis])
    for fn in ('tril', 'triu'):
        for shape, k in [((3, 3), 0), ((3, 3), 1), ((3, 3), -1), ((2, 4), 0), ((4, 2), 1), ((2, 3, 3), -2), ((3, 3), 5), ((3, 3), -5), ((0, 3), 0), ((1, 1), 0)] * 2:
            case(fn, getattr(torch, fn), [q(*shape)], [k])
    for shapes, axis in [([(2,), (3,)], 0), ([(2, 3), (2, 1)], 1), ([(1, 2), (0, 2), (3, 2)], 0), ([(2, 2)], 0), ([(0,), (0,)], 0), ([(2, 3, 1), (2, 3, 4)], -1)] * 4:
        case('concat', lambda *a: torch.cat(a[:-1], a[-1]), [q(*s) for s in shapes], [axis])
    case('concat', lambda x, y, a: torch.cat([x, y], a), [ints(2), u8([1, 2])], [0])
    case('concat', lambda x, y, a: torch.cat([x, y], a), [q(4, 3, view='T'), q(3, 2)], [1])
    for shapes, axis in [([(2,), (2,)], 0), ([(2, 3), (2, 3)], 1), ([(), (), ()], 0), ([(2, 2)], -1), ([(0,), (0,)], 1), ([(2, 3), (2, 3)], 2), ([(3,)] * 5, -1)] * 3:
        case('stack', lambda *a: torch.stack(a[:-1], a[-1]), [q(*s) for s in shapes], [axis])
    for shape, sizes, axis in [((5,), 2, 0), ((6,), 3, 0), ((5,), [1, 4], 0), ((2, 5), [0, 2, 3], 1), ((4, 2), 4, 0), ((2, 3), 1, -1), ((0, 2), 1, 1)] * 3:
        case('split', torch.split, [q(*shape)], [sizes, axis])
    for shape, a, c in [((2, 3), 0, 1), ((2, 3, 4), 0, 2), ((2, 3, 4), 1, 1), ((2, 3, 4), 2, 0), ((2, 3, 4), -1, 0)] * 4:
        case('moveAxis', torch.movedim, [q(*shape)], [a, c])
        case('transpose', torch.transpose, [q(*shape)], [a, c])
    for shape, size, step in [((7,), [3], [1]), ((7,), [3], [2]), ((8,), [2], [3]), ((3, 6), [2], [2]), ((5, 6), [2, 3], [1, 2]), ((2, 5, 4), [3, 2], [2, 1]), ((4,), [4], [1]), ((0, 5), [2], [1]), ((33,), [5], [3]), ((5, 5), [1, 1], [1, 1])] * 2:
        def unfold(x, size, step):
            lead = x.dim() - len(size)
            for n, (k, s) in enumerate(zip(size, step)):
                x = x.unfold(lead + n, k, s)
            return x
        case('window', unfold, [q(*shape)], [size, step])
    for p, k, s, n in [(5, 3, 1, 7), (3, 3, 2, 7), (3, 2, 3, 8), (1, 4, 1, 4), (5, 1, 1, 5), (2, 3, 2, 6), (4, 2, 1, 5), (0, 2, 1, 1), (10, 5, 3, 33), (2, 2, 2, 5)] * 2:
        def fold(x, s, n):
            y = torch.zeros(x.shape[0], n, dtype=x.dtype)
            for a in range(x.shape[1]):
                y = y + F.pad(x[:, a], [a * s, n - a * s - x.shape[2]])
            return y
        case('fold', fold, [q(2, p, k)], [s, n])


def creations():
    for n in range(20):
        shape = [[], [1], [0], [2, 3], [5]][n % 5]
        case('full', lambda s, v: torch.full(s, v, dtype=torch.float64), [], [shape, [0, 1.5, -2, 1e30][n % 4]], grad=False)
        case('iota', lambda n: torch.arange(n, dtype=torch.int32), [], [n * n])
        case('eye', lambda r, c: torch.eye(r, c, dtype=torch.float64), [], [n % 5, n % 4 + n // 5], grad=False)
        case('arange', lambda a, b, s: torch.arange(a, b, s, dtype=torch.float64), [], [n - 9, 3 * n - 5, [1, 0.5, 2, 0.75][n % 4]], grad=False)
        case('linspace', lambda a, b, c: torch.linspace(a, b, c, dtype=torch.float64), [], [n - 9, 2 * n, n], grad=False)
    for k in range(10):
        case('bitcast', lambda x, t: torch.from_numpy(x.numpy().view(np.int32).copy()), [f(np.random.default_rng(k).normal(size=4) * 10.0 ** (k - 5), 'float32')], ['int32'], grad=False)
        case('bitcast', lambda x, t: torch.from_numpy(x.numpy().view(np.float32).copy()), [ints(5, lo=0, hi=0x7F7FFFFF)], ['float32'], grad=False)
    case('bitcast', lambda x, t: torch.from_numpy(x.numpy().view(np.int32).copy()), [f([0.0, -0.0, INF, -INF, 1e-45], 'float32')], ['int32'], grad=False)


SLICES = [
    ((5,), [0]), ((5,), [-1]), ((5,), [[1, 4]]), ((5,), [[None, None, 2]]), ((5,), [[None, None, -1]]), ((5,), [[3, 0, -2]]), ((5,), [[10, None]]), ((5,), [[-3, -1]]),
    ((5,), [[-100, 100, 3]]), ((4, 3), [1]), ((4, 3), ['...', 1]), ((4, 3), [[1, 3], [None, None, -2]]), ((4, 3), ['new', 0]), ((4, 3), [None, 'new', None]),
    ((4, 3), ['...', 'new']), ((2, 3, 4), [1, '...', 2]), ((2, 3, 4), [1, 2, 3]), ((2, 3, 4), [None, [0, 2], [3, None, -1]]), ((0, 3), [[0, 1]]), ((4, 3), [[2, 2]]),
    ((4, 3), [[3, 1]]), ((), ['new']), ((33,), [[30, 2, -7]]), ((2, 5), [0, [4, None, -4]]), ((6,), [[None, 2, -1]]),
]


def index(spec):
    def one(s):
        if s == 'new':
            return None
        if s == '...':
            return Ellipsis
        if s is None:
            return slice(None)
        return slice(*s) if isinstance(s, list) else s
    return tuple(one(s) for s in spec)


def sliced(x, spec):
    """PyTorch has no negative steps: NumPy chooses the positions, take moves the values."""
    places = np.arange(x.numel()).reshape(x.shape)[index(spec)]
    return torch.take(x, torch.from_numpy(np.array(places)))


def wrapped(n, size):
    return torch.where(n < 0, n + size, n).to(torch.int64)


def indexing():
    for shape, where, axis in [((5,), [0, 4, 2, 2], 0), ((5,), [-1, -5], 0), ((5,), 3, 0), ((5,), [[0, 1], [2, 3]], 0), ((4, 3), [1, 1, 0], 0), ((4, 3), [2, 0], 1), ((4, 3), [[2], [0]], -1), ((2, 3, 4), [2, 1], 1), ((5,), [], 0), ((0, 3), [1], 1), ((33,), list(range(0, 33, 4)), 0)] * 2:
        def take(x, n, a):
            a = a % x.dim()
            y = torch.index_select(x, a, wrapped(n, x.shape[a]).reshape(-1))
            return y.reshape((*x.shape[:a], *n.shape, *x.shape[a + 1:]))
        case('take', take, [q(*shape), i(where)], [axis])
    case('take', lambda x, n, a: x[n.to(torch.int64)], [ints(5), u8([0, 3])], [0])
    for shape, count, axis in [((5,), 3, 0), ((5,), 0, 0), ((4, 3), 2, 0), ((4, 3), 5, 1), ((2, 3, 4), 2, 1), ((2, 3, 4), 1, -1), ((1,), 4, 0), ((33,), 33, 0), ((0, 3), 2, 1), ((3, 2), 7, 0)] * 2:
        where = list(shape)
        where[axis] = count
        n = shape[axis]
        at = ints(*where, lo=-n, hi=n - 1)
        case('gather', lambda x, k, a: torch.gather(x, a, wrapped(k, x.shape[a])), [q(*shape), at], [axis])
        case('scatterAdd', lambda x, k, u, a: torch.scatter_add(x, a, wrapped(k, x.shape[a]), u), [q(*shape), at, q(*where)], [axis])
        case('scatterAdd', lambda x, k, u, a: torch.scatter_add(x, a, wrapped(k, x.shape[a]), u), [ints(*shape), at, ints(*where)], [axis])
        few = min(count, n)
        where[axis] = few
        grid = np.apply_along_axis(lambda _: np.random.default_rng(few + n).permutation(n)[:few], axis, np.zeros(where)).astype(np.int32) if 0 not in where else np.zeros(where, np.int32)
        case('scatter', lambda x, k, u, a: torch.scatter(x, a, k.to(torch.int64), u), [q(*shape), i(grid), q(*where)], [axis])
    def put(x, k, u, a):
        y = x.detach().numpy().copy()
        np.put_along_axis(y, wrapped(k, x.shape[a]).numpy(), u.detach().numpy(), a)
        return torch.from_numpy(y)
    case('scatter', put, [q(5), i([1, 1, -1, 4, 1]), q(5)], [0], grad=False)
    for shape, n in [((), 3), ((4,), 5), ((2, 3), 4), ((0,), 3), ((3,), 0), ((5,), 1)] * 4:
        case('oneHot', lambda k, n: (k.unsqueeze(-1) == torch.arange(n)).to(torch.float64), [ints(*shape, lo=-1, hi=n)], [n])
    for rows, width, shape in [(4, 3, (2,)), (4, 3, (2, 3)), (1, 2, (3,)), (7, 1, ()), (5, 4, (0,)), (9, 5, (2, 2, 2)), (33, 2, (40,))] * 3:
        case('embedding', lambda t, k: F.embedding(k.to(torch.int64), t), [q(rows, width), ints(*shape, lo=0, hi=rows - 1)])
    for shape, axis in [((5,), 0), ((4, 3), 0), ((4, 3), 1), ((2, 3, 4), 1)] * 5:
        n = shape[axis]
        where = [int(v) for v in np.arange(3) * 2 % n]
        case('atTensor', lambda x, k, a: torch.index_select(x, a, k.to(torch.int64)), [q(*shape), i(where)], [axis])
