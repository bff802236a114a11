"""Golden samples: layers with given weights, values and gradients by input and parameters."""
import torch
from torch import nn

from nn_common import case
from ops_common import INF, NAN, f, i, ints, q


def run(layer, **tensors):
    """A layer of PyTorch on given parameters, so that gradients reach them."""
    x = tensors.pop('x')
    return torch.nn.utils.stateless.functional_call(layer.double(), tensors, (x,))


def linear():
    for shape, out in (((4, 3), 2), ((3,), 2), ((2, 5, 3), 4), ((0, 3), 2), ((1, 1), 1), ((7, 16), 9)):
        case('Linear', lambda x, w, b: run(nn.Linear(w.shape[1], w.shape[0]), x=x, weight=w, bias=b), [q(*shape), q(out, shape[-1]), q(out)])
    case('Linear', lambda x, w: run(nn.Linear(3, 2, bias=False), x=x, weight=w), [q(4, 3), q(2, 3)])
    case('Linear', lambda x, w, b: run(nn.Linear(2, 2), x=x, weight=w, bias=b), [f([[NAN, 1.0], [INF, 1.0], [1.0, 2.0]]), f([[1.0, 2.0], [0.5, -1.0]]), f([0.5, 0.25])], grad=False)


CONVS = [  # rank, x, out channels, options
    (1, (2, 3, 9), 4, dict(kernelSize=3)),
    (1, (1, 4, 12), 2, dict(kernelSize=4, stride=2, padding=1)),
    (1, (2, 4, 8), 6, dict(kernelSize=3, dilation=2, groups=2, padding=2)),
    (1, (2, 2, 8), 3, dict(kernelSize=3, padding='same', bias=False)),
    (2, (2, 1, 8, 8), 3, dict(kernelSize=3)),
    (2, (2, 3, 7, 6), 4, dict(kernelSize=3, padding=1)),
    (2, (1, 4, 9, 9), 8, dict(kernelSize=3, stride=2, padding=1, groups=4)),
    (2, (2, 2, 8, 7), 3, dict(kernelSize=[3, 2], stride=[2, 1], padding=[1, 0])),
    (2, (1, 2, 9, 9), 2, dict(kernelSize=3, dilation=2)),
    (2, (2, 3, 6, 6), 2, dict(kernelSize=4, padding='same')),
    (2, (2, 3, 5, 5), 6, dict(kernelSize=1, bias=False)),
    (2, (0, 3, 5, 5), 2, dict(kernelSize=3)),
    (3, (1, 2, 4, 5, 4), 2, dict(kernelSize=2)),
    (3, (2, 2, 4, 4, 5), 4, dict(kernelSize=[2, 3, 3], stride=[1, 2, 1], padding=[0, 1, 1], groups=2)),
    (3, (1, 1, 5, 5, 5), 2, dict(kernelSize=3, padding='same', bias=False)),
]


def convolutions():
    kinds = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
    for rank, shape, out, options in CONVS:
        rest = dict(options)
        size, bias = rest.pop('kernelSize'), rest.pop('bias', True)
        rest = {k: tuple(v) if isinstance(v, list) else v for k, v in rest.items()}
        layer = kinds[rank](shape[1], out, tuple(size) if isinstance(size, list) else size, bias=bias, **rest)
        inputs = [q(*shape), q(*layer.weight.shape)] + ([q(out)] if bias else [])
        case('Conv', lambda x, w, *b, layer=layer: run(layer, x=x, weight=w, **({'bias': b[0]} if b else {})), inputs, [rank, shape[1], out, options])


def pools():
    cases = [
        ('MaxPool1d', (2, 3, 8), 2, {}), ('MaxPool1d', (1, 2, 9), 3, dict(stride=1, padding=1)), ('MaxPool1d', (1, 2, 9), 2, dict(dilation=2)),
        ('MaxPool2d', (2, 3, 8, 6), 2, {}), ('MaxPool2d', (1, 2, 7, 7), 3, dict(stride=2, padding=1)), ('MaxPool2d', (1, 2, 6, 7), [2, 3], dict(stride=[1, 2])),
        ('AvgPool1d', (2, 3, 8), 2, {}), ('AvgPool1d', (1, 2, 9), 3, dict(stride=2, padding=1)), ('AvgPool1d', (1, 2, 9), 3, dict(padding=1, countPad=False)),
        ('AvgPool2d', (2, 3, 8, 6), 2, {}), ('AvgPool2d', (1, 2, 7, 7), 3, dict(stride=2, padding=1)), ('AvgPool2d', (1, 2, 7, 6), [3, 2], dict(stride=1, padding=1, countPad=False)),
    ]
    for name, shape, size, options in cases:
        rest = {('count_include_pad' if k == 'countPad' else k): tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        layer = getattr(nn, name)(tuple(size) if isinstance(size, list) else size, **rest)
        case(name, lambda x, layer=layer: layer(x), [q(*shape)], [size, options])


def normalizations():
    """Outputs: y, running mean and variance, number of batches, after `calls` calls with x, x + 1, …"""
    settings = [{}, dict(momentum=0.3, eps=1e-3), dict(affine=False), dict(momentum=None), dict(momentum=0.0), dict(momentum=1.0)]
    shapes = [('BatchNorm1d', (4, 3)), ('BatchNorm1d', (2, 3, 5)), ('BatchNorm2d', (2, 3, 4, 3)), ('BatchNorm2d', (1, 2, 2, 2)), ('BatchNorm1d', (2, 1))]
    for name, shape in shapes:
        for n, options in enumerate(settings):
            for training, calls in ((True, 1), (True, 3), (False, 1)):
                c = shape[1]
                affine = options.get('affine', True)

                def compute(x, mean, var, *wb):
                    layer = getattr(nn, name)(c, **options).double().train(training)
                    layer.running_mean, layer.running_var = mean.detach().clone(), var.detach().clone()
                    given = dict(zip(('weight', 'bias'), wb))
                    total = 0
                    for k in range(calls):
                        y = forward(layer, given, x + k)
                        total = total + y * (k + 1)
                    return total, layer.running_mean, layer.running_var, layer.num_batches_tracked.to(torch.int32)

                inputs = [q(*shape), q(c), q(c, lo=8, hi=64)] + ([q(c), q(c)] if affine else [])
                case(name, compute, inputs, [options, training, calls])
    for shape, over in (((4, 6), 6), ((2, 3, 5), 5), ((2, 3, 5), [3, 5]), ((7,), 7), ((3, 1), 1)):
        for options in ({}, dict(eps=1e-2), dict(affine=False)):
            affine = options.get('affine', True)
            rest = {('elementwise_affine' if k == 'affine' else k): v for k, v in options.items()}
            layer = nn.LayerNorm(over, **rest)
            sizes = list(layer.normalized_shape)
            inputs = [q(*shape)] + ([q(*sizes), q(*sizes)] if affine else [])
            case('LayerNorm', lambda x, *wb, layer=layer: run(layer, x=x, **dict(zip(('weight', 'bias'), wb))), inputs, [over, options])


def forward(layer, given, x):
    """The module's own forward with tensors in the place of its parameters (functional_call would restore its buffers)."""
    for name, value in given.items():
        layer._parameters.pop(name, None)
        layer.__dict__[name] = value
    return layer(x)


def embeddings():
    for shape in ((3,), (2, 4), (), (0,)):
        case('Embedding', lambda t, w: nn.functional.embedding(t.long(), w), [ints(*shape, lo=0, hi=4), q(5, 3)])
    case('Embedding', lambda t, w: nn.functional.embedding(t.long(), w), [i([1, 1, 1, 0]), q(2, 2)])


def all_layers():
    linear()
    convolutions()
    pools()
    normalizations()
    embeddings()
