"""Golden samples: matrix products, einsum, convolutions, pools, loops and branches."""
import numpy as np
import torch
import torch.nn.functional as F

from ops_common import INF, NAN, case, distinct, f, i, ints, q

PRODUCTS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((2, 1, 2, 3), (3, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0, 2, 3), (3, 2)), ((17, 9), (9, 11)), ((3,), (2, 3, 4)), ((4, 33), (33, 2))]


def products():
    for s, t in PRODUCTS:
        case('matmul', torch.matmul, [q(*s), q(*t)])
    for s, v, t, w in [((3, 2), 'T', (3, 4), None), ((2, 3), None, (4, 3), 'T'), ((2, 3), 'flip', (3, 2), 'flip'), ((4, 3), 'half', (3, 3), None), ((2, 3), 'exp', (3, 2), 'exp')]:
        case('matmul', torch.matmul, [q(*s, view=v), q(*t, view=w)])
    case('matmul', lambda x, y: torch.matmul(x, y), [ints(2, 3), ints(3, 2)])
    case('matmul', lambda x, y: torch.matmul(x.to(torch.float64), y), [ints(2, 3), q(3, 2)], grad=False)
    case('matmul', lambda x, y: torch.from_numpy(x.numpy() @ y.numpy()), [i([[2147483647, 2]]), i([[3], [5]])])
    case('matmul', torch.matmul, [f([[NAN, 1.0], [INF, 0.0], [1.0, 2.0]]), f([[0.0, 1.0], [1.0, INF]])], grad=False)
    for s, t in [((3,), (4,)), ((1,), (1,)), ((0,), (3,)), ((17,), (2,))] * 5:
        case('outer', torch.outer, [q(*s), q(*t)])
    for formula, *shapes in [
        ('i,i->', (4,), (4,)), ('i,j->ij', (3,), (2,)), ('ij->ji', (2, 3)), ('ij->', (2, 3)), ('ij->i', (2, 3)), ('ii->i', (3, 3)), ('ii->', (3, 3)), ('ij,jk->ik', (2, 3), (3, 4)),
        ('bij,bjk->bik', (2, 3, 2), (2, 2, 4)), ('ij,kj->ik', (2, 3), (4, 3)), ('ijk,ikl,lm->im', (2, 3, 2), (2, 2, 3), (3, 2)), ('bhqd,bhkd->bhqk', (2, 2, 3, 2), (2, 2, 4, 2)),
        ('ij,ij->ij', (2, 3), (2, 3)), ('ij,j->ij', (2, 3), (3,)), ('i,ij,j->', (2,), (2, 3), (3,)), ('ij,jk', (2, 3), (3, 4)), ('ba', (2, 3)), ('iij->j', (2, 2, 3)), ('ij,jk->ki', (2, 0), (0, 3)),
        ('abc,cd->abd', (2, 1, 3), (3, 2)), ('i,i,i->i', (3,), (3,), (3,)), ('ij,kl->ijkl', (2, 1), (1, 3)), ('i->', (17,)),
    ]:
        case('einsum', lambda *a: torch.einsum(a[-1], *a[:-1]), [q(*s) for s in shapes], [formula])


def spatial(rank, n):
    return tuple([n + k for k in range(rank)])


def convolutions():
    for rank, conv, transposed in [(1, F.conv1d, F.conv_transpose1d), (2, F.conv2d, F.conv_transpose2d), (3, F.conv3d, F.conv_transpose3d)]:
        size = {1: 7, 2: 5, 3: 3}[rank]
        for N, C, O, K, opts in [
            (1, 1, 1, 1, {}), (2, 3, 2, 2, {}), (1, 2, 3, 3, {'stride': 2}), (2, 1, 2, 3, {'padding': 1}), (1, 2, 2, 2, {'dilation': 2}), (1, 4, 4, 2, {'groups': 2}), (1, 3, 3, 2, {'groups': 3}), (1, 2, 4, 2, {'groups': 2, 'stride': 2, 'padding': 1}),
            (1, 1, 1, 3, {'stride': 2, 'padding': 1, 'dilation': 1}), (1, 2, 1, 2, {'dilation': 2, 'padding': 2}), (0, 1, 1, 2, {}), (2, 2, 2, 3, {'stride': 3, 'padding': 2}), (1, 2, 2, 2, {'stride': 1, 'padding': 'same'}), (1, 1, 2, 3, {'padding': 'valid'}),
        ]:
            def run(x, w, o):
                return conv(x, w, None, **o)
            case('conv%dd' % rank, run, [q(N, C, *spatial(rank, size)), q(O, C // opts.get('groups', 1), *[K] * rank)], [opts])
        for pads in ([[1, 0]] * rank, [[0, 2]] * rank, [[-1, 1]] * rank, [[2, -1]] * rank, [[-1, -0]] * rank, [[0, 0]] * rank):
            flat = [n for p in reversed(pads) for n in p]
            for stride in (1, 2):
                case('conv%dd' % rank, lambda x, w, o: conv(F.pad(x, flat), w, None, stride=o['stride']), [q(1, 2, *spatial(rank, size)), q(1, 2, *[2] * rank)], [{'padding': pads, 'stride': stride}])
        small = {1: 5, 2: 3, 3: 2}[rank]
        for N, C, O, K, opts in [
            (1, 1, 1, 1, {}), (2, 3, 2, 2, {}), (1, 2, 3, 3, {'stride': 2}), (2, 1, 2, 3, {'padding': 1}), (1, 2, 2, 2, {'dilation': 2}), (1, 4, 4, 2, {'groups': 2}), (1, 3, 3, 2, {'groups': 3}), (1, 2, 4, 2, {'groups': 2, 'stride': 2, 'padding': 1}),
            (1, 1, 1, 3, {'stride': 2, 'padding': 1, 'outputPadding': 1}), (1, 2, 1, 2, {'stride': 3, 'outputPadding': 2}), (0, 1, 1, 2, {}), (1, 2, 2, 2, {'stride': 2, 'dilation': 2, 'padding': 1}), (2, 2, 2, 2, {'stride': 2}), (1, 1, 1, 4, {'padding': 2}),
            (1, 4, 2, 3, {'groups': 2, 'stride': 2, 'padding': 1, 'outputPadding': 1}), (1, 2, 2, 1, {'stride': 2, 'outputPadding': 1}), (2, 1, 1, 3, {}), (1, 1, 3, 2, {'dilation': 3}), (1, 2, 2, 3, {'stride': 3}), (3, 2, 1, 2, {'stride': 1, 'padding': 1}), 
        ]:
            def run(x, w, o):
                keys = {'outputPadding': 'output_padding'}
                return transposed(x, w, None, **{keys.get(k, k): v for k, v in o.items()})
            case('convTranspose%dd' % rank, run, [q(N, C, *spatial(rank, small)), q(C, O // opts.get('groups', 1), *[K] * rank)], [opts])


def pools():
    for rank, top, mean in [(1, F.max_pool1d, F.avg_pool1d), (2, F.max_pool2d, F.avg_pool2d), (3, F.max_pool3d, F.avg_pool3d)]:
        size = {1: 8, 2: 5, 3: 4}[rank]
        for lead, k, opts in [((1, 1), 2, {}), ((2, 2), 2, {'stride': 1}), ((1, 2), 3, {'stride': 2}), ((1, 1), 3, {'padding': 1}), ((2, 1), 2, {'stride': 2, 'padding': 1}), ((1, 1), 1, {}), ((1, 2), 2, {'stride': 3}), ((1, 1), 3, {'stride': 1, 'padding': 1}), ((1, 1), 3, {'stride': 3, 'padding': 1}), ((2, 3), 2, {})] * 2:
            case('maxPool%dd' % rank, lambda x, k, o: top(x, k, **o), [distinct(*lead, *spatial(rank, size))], [k, opts])
            case('avgPool%dd' % rank, lambda x, k, o: mean(x, k, **o), [q(*lead, *spatial(rank, size))], [k, opts])
        case('maxPool%dd' % rank, lambda x, k, o: top(x, k, **o), [distinct(1, 2, *spatial(rank, size))], [2, {'stride': 1, 'dilation': 2}])
        case('maxPool%dd' % rank, lambda x, k, o: top(x, k, **o), [f(np.zeros((1, 1, *spatial(rank, size))))], [2, {}])
        case('maxPool%dd' % rank, lambda x, k, o: top(x, k, **o), [f(np.full((1, 1, *spatial(rank, 3)), NAN))], [2, {}], grad=False)
        case('avgPool%dd' % rank, lambda x, k, o: mean(x, k, padding=1, stride=1, count_include_pad=False), [q(1, 1, *spatial(rank, size))], [3, {'stride': 1, 'padding': 1, 'countPad': False}])


def loops():
    """scan: h' = tanh(w h + x), y = h' h;  affine scans of any length; cond by a flag."""
    def recurrent(w, h, x, reverse):
        ys = [None] * x.shape[0]
        for t in (reversed(range(x.shape[0])) if reverse else range(x.shape[0])):
            n = torch.tanh(w * h + x[t])
            ys[t] = n * h
            h = n
        return h, torch.stack(ys) if ys else torch.zeros(0, *h.shape, dtype=h.dtype)
    for n, length, width in [(0, 1, ()), (1, 2, (3,)), (2, 5, (2,)), (3, 0, (2,)), (4, 9, (1,)), (5, 3, (2, 2)), (6, 4, (5,)), (7, 7, ()), (8, 1, (0,)), (9, 17, (2,))]:
        for reverse in (False, True):
            case('scan', recurrent, [q(*width, lo=-32, hi=32), q(*width, lo=-32, hi=32), q(length, *width, lo=-32, hi=32)], [reverse])
    for n in range(12):
        for flag in (True, False):
            case('cond', lambda x, y, flag: x * torch.sin(y) if flag else x + torch.exp(y), [q(*[(), (3,), (2, 2)][n % 3]), q(*[(), (3,), (2, 2)][n % 3])], [flag])
