"""Golden samples: activations and losses, ordinary values and the edges."""
import torch
import torch.nn.functional as F

from nn_common import case
from ops_common import INF, NAN, f, i, ints, q

EDGES = [0.0, -0.0, NAN, INF, -INF, 1.0, -1.0, 1e-8, -1e-8, 20.0, -20.0, 100.0, -100.0, 1e10, -1e10]


def activations():
    plain = {
        'step': lambda x: torch.heaviside(x.detach(), torch.zeros_like(x)), 'sign': torch.sign, 'sigmoid': torch.sigmoid, 'tanh': torch.tanh, 'relu': torch.relu,
        'softplus': F.softplus, 'silu': F.silu, 'gelu': F.gelu,
    }
    for name, fn in plain.items():
        for shape in ((), (5,), (3, 4), (0,), (2, 3, 2)):
            case(name, fn, [q(*shape, lo=-160, hi=160)])
        # NaN: heaviside gives 0 and sign 0 in PyTorch, NaN in NumPy and here
        case(name, fn, [f([v for v in EDGES if name not in ('step', 'sign') or v == v])])
    shapes = ((), (5,), (3, 4))
    for shape in shapes:
        x = q(*shape, lo=-160, hi=160)
        case('gelu', lambda x: F.gelu(x, approximate='tanh'), [x], [{'approximate': 'tanh'}])
        for slope in (0.01, 0.2, 0.0, -0.5):
            case('leakyRelu', lambda x: F.leaky_relu(x, slope), [x], [slope])
        for alpha in (1.0, 0.5, 2.0):
            case('elu', lambda x: F.elu(x, alpha), [x], [alpha])
    case('gelu', lambda x: F.gelu(x, approximate='tanh'), [f([v for v in EDGES if abs(v) < 1e9 or v != v])], [{'approximate': 'tanh'}])
    case('leakyRelu', lambda x: F.leaky_relu(x, 0.1), [f(EDGES)], [0.1])
    case('elu', lambda x: F.elu(x, 1.5), [f(EDGES)], [1.5])
    for name, fn in (('softmax', F.softmax), ('logSoftmax', F.log_softmax)):
        for shape, axis in (((5,), 0), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((0, 3), 1), ((3, 1), 1)):
            case(name, lambda x: fn(x, axis), [q(*shape, lo=-160, hi=160)], [axis])
        case(name, lambda x: fn(x, 1), [f([[1e4, 1e4, 0.0], [-1e4, 0.0, 1e4], [1e-8, 0.0, -1e-8], [88.0, 89.0, 90.0], [-500.0, -500.0, -500.0]])], [1])
        case(name, lambda x: fn(x, 1), [f([[-INF, 0.0, 1.0], [NAN, 0.0, 1.0], [INF, 0.0, 1.0]])], [1], grad=False)


REDUCTIONS = ('mean', 'sum', 'none')


def elementwise_losses():
    pairs = {'mse': F.mse_loss, 'mae': F.l1_loss}
    for reduction in REDUCTIONS:
        options = {'reduction': reduction}
        for name, fn in pairs.items():
            for shape in ((), (5,), (3, 4), (2, 3, 2)):
                case(name, lambda a, y: fn(a, y, reduction=reduction), [q(*shape), q(*shape)], [options])
            case(name, lambda a, y: fn(a, y, reduction=reduction), [f([1.0, 1e4, -1e4, 0.0]), f([1.0, -1e4, -1e4, 1e-6])], [options])
        for delta in (1.0, 0.25, 3.0):
            for shape in ((), (5,), (3, 4)):
                case('huber', lambda a, y: F.huber_loss(a, y, reduction=reduction, delta=delta), [q(*shape), q(*shape)], [{**options, 'delta': delta}])
        case('huber', lambda a, y: F.huber_loss(a, y, reduction=reduction), [f([0.0, 1.0, -1.0, 1.5, 1e4]), f([0.0] * 5)], [options])
        for shape in ((4,), (3, 4), (2, 3, 2)):
            axes = tuple(range(1, len(shape))) or (0,)
            reduce = {'mean': torch.mean, 'sum': torch.sum, 'none': lambda t: t}[reduction]
            case('quadratic', lambda a, y: reduce(0.5 * ((a - y) ** 2).sum(axes)), [q(*shape), q(*shape)], [options])
        for shape in ((5,), (3, 4)):
            labels = f((ints(*shape, lo=0, hi=1).array * 2 - 1).astype(float))
            case('hinge', lambda a, y: {'mean': torch.mean, 'sum': torch.sum, 'none': lambda t: t}[reduction](torch.relu(1 - a * y)), [q(*shape), labels], [options])


def binary_losses():
    for reduction in REDUCTIONS:
        options = {'reduction': reduction}
        for shape in ((), (5,), (3, 4)):
            target = f(ints(*shape, lo=0, hi=1).array.astype(float))
            soft = q(*shape, lo=0, hi=32)
            for y in (target, soft):
                case('binaryCrossEntropy', lambda p, y: F.binary_cross_entropy(p, y, reduction=reduction), [q(*shape, lo=1, hi=31), y], [options])
                case('binaryCrossEntropyWithLogits', lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction), [q(*shape), y], [options])
        # certain answers, right and wrong
        case('binaryCrossEntropy', lambda p, y: F.binary_cross_entropy(p, y.detach(), reduction=reduction), [f([0.0, 0.0, 1.0, 1.0, 0.5]), f([0.0, 1.0, 0.0, 1.0, 1.0])], [options, 'fixed'])
        case('binaryCrossEntropyWithLogits', lambda x, y: F.binary_cross_entropy_with_logits(x, y.detach(), reduction=reduction),
             [f([0.0, 0.0, 100.0, 100.0, -100.0, -100.0, 1e4, -1e4, 30.0, -30.0]), f([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0])], [options, 'fixed'])
        case('binaryCrossEntropyWithLogits', lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction, pos_weight=torch.tensor(2.5, dtype=torch.float64)),
             [q(3, 4), q(3, 4, lo=0, hi=32)], [{**options, 'positiveWeight': 2.5}])


def cross_entropies():
    for reduction in REDUCTIONS:
        for smoothing in (0.0, 0.1, 1.0):
            options = {'reduction': reduction, 'labelSmoothing': smoothing}

            def ce(x, y, **more):
                return F.cross_entropy(x, y.long() if not y.is_floating_point() else y, reduction=reduction, label_smoothing=smoothing, **more)
            for shape in ((4, 3), (1, 5), (6, 10)):
                case('crossEntropy', lambda x, y: ce(x, y), [q(*shape, lo=-160, hi=160), ints(shape[0], lo=0, hi=shape[1] - 1)], [options])
                p = q(*shape, lo=0, hi=32)
                case('crossEntropy', lambda x, y: ce(x, y), [q(*shape, lo=-160, hi=160), p], [options])
            case('crossEntropy', lambda x, y: ce(x, y), [q(5), i(3)], [options])
            case('crossEntropy', lambda x, y: ce(x, y), [q(5), q(5, lo=0, hi=32)], [options])
            case('crossEntropy', lambda x, y: ce(x, y), [q(2, 3, 4), ints(2, 4, lo=0, hi=2)], [{**options, 'axis': 1}])
            case('crossEntropy', lambda x, y: ce(x, y), [q(2, 3, 2, 2), q(2, 3, 2, 2, lo=0, hi=32)], [{**options, 'axis': 1}])
            # PyTorch has the classes on axis 1, text models on the last
            case('crossEntropy', lambda x, y: ce(x.transpose(1, 2), y), [q(2, 4, 3), ints(2, 4, lo=0, hi=2)], [options])
            case('crossEntropy', lambda x, y: ce(x, y), [f([[1e4, 0.0, -1e4], [1e4, 0.0, -1e4], [0.0, 0.0, 0.0], [80.0, -80.0, 90.0]]), i([0, 2, 1, 2])], [options])
            case('crossEntropy', lambda x, y: ce(x, y, ignore_index=-100), [q(5, 3), i([0, -100, 2, 1, -100])], [{**options, 'ignoreIndex': -100}])
            case('crossEntropy', lambda x, y: ce(x, y, ignore_index=1), [q(4, 3), i([0, 1, 2, 1])], [{**options, 'ignoreIndex': 1}])


def clipping():
    def by_norm(limit):
        def compute(*grads):
            params = [torch.zeros_like(g) for g in grads]
            for p, g in zip(params, grads):
                p.grad = g.detach().clone()
            norm = torch.nn.utils.clip_grad_norm_(params, limit)
            return [p.grad for p in params] + [norm]
        return compute
    for limit in (0.5, 1.0, 100.0):
        case('clipByGlobalNorm', by_norm(limit), [q(3, 2), q(4), q()], [limit], grad=False)
        case('clipByValue', lambda *grads: [torch.clamp(g, -limit, limit) for g in grads], [q(3, 2), q(4)], [limit], grad=False)
    case('clipByGlobalNorm', by_norm(1.0), [f([0.0, 0.0]), f([[0.0]])], [1.0], grad=False)
    case('clipByGlobalNorm', by_norm(1.0), [f([NAN, 1.0]), f([2.0])], [1.0], grad=False)


def all_functions():
    activations()
    elementwise_losses()
    binary_losses()
    cross_entropies()
    clipping()
