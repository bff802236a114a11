"""Golden samples: transposed, separable and 3-D layers, normalisations of examples, adaptive pools, up-sampling."""
import torch
from torch import nn

from nn_common import case
from nn_layers import run
from ops_common import distinct, f, q


def transposed():
    kinds = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
    for rank, shape, out, options in [
        (1, (2, 3, 5), 4, dict(kernelSize=3)),
        (1, (1, 4, 4), 6, dict(kernelSize=4, stride=2, padding=1, groups=2)),
        (2, (2, 3, 4, 3), 2, dict(kernelSize=3, stride=2, padding=1, outputPadding=1)),
        (2, (1, 2, 4, 4), 2, dict(kernelSize=[3, 2], dilation=2, bias=False)),
        (3, (1, 2, 2, 3, 2), 2, dict(kernelSize=2, stride=2)),
    ]:
        rest = {('output_padding' if k == 'outputPadding' else k): tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        size, bias = rest.pop('kernelSize'), rest.pop('bias', True)
        layer = kinds[rank](shape[1], out, size, bias=bias, **rest)
        inputs = [q(*shape), q(*layer.weight.shape)] + ([q(out)] if bias else [])
        case('ConvTranspose', lambda x, w, *b, layer=layer: run(layer, x=x, weight=w, **({'bias': b[0]} if b else {})), inputs, [rank, shape[1], out, options])


def separable():
    conv = nn.functional.conv2d
    for shape, multiplier, options in (((2, 3, 5, 4), 1, dict(kernelSize=3, padding=1)), ((1, 2, 6, 6), 2, dict(kernelSize=3, stride=2, dilation=1))):
        c = shape[1]
        rest = {k: v for k, v in options.items() if k != 'kernelSize'}
        depth = q(c * multiplier, 1, 3, 3)
        case('DepthwiseConv2d', lambda x, w, b: conv(x, w, b, groups=c, **rest), [q(*shape), depth, q(c * multiplier)], [c, {**options, 'multiplier': multiplier}])
        case('SeparableConv2d', lambda x, w, v, b: conv(conv(x, w, groups=c, **rest), v, b), [q(*shape), depth, q(4, c * multiplier, 1, 1), q(4)], [c, 4, {**options, 'multiplier': multiplier}])


def normalizations():
    for shape, groups in (((2, 4, 3), 2), ((2, 6, 2, 2), 3), ((3, 4), 1), ((1, 4, 2, 3), 4)):
        for options in ({}, dict(eps=1e-2), dict(affine=False)):
            layer = nn.GroupNorm(groups, shape[1], **options)
            wb = [q(shape[1]), q(shape[1])] if options.get('affine', True) else []
            case('GroupNorm', lambda x, *wb, layer=layer: run(layer, x=x, **dict(zip(('weight', 'bias'), wb))), [q(*shape)] + wb, [groups, shape[1], options])
    for rank, shape in ((1, (2, 3, 5)), (2, (2, 2, 3, 4)), (3, (1, 2, 2, 2, 3))):
        for options in ({}, dict(affine=True, eps=1e-3)):
            layer = [nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d][rank - 1](shape[1], **options)
            wb = [q(shape[1]), q(shape[1])] if options.get('affine', False) else []
            case('InstanceNorm', lambda x, *wb, layer=layer: run(layer, x=x, **dict(zip(('weight', 'bias'), wb))), [q(*shape)] + wb, [rank, shape[1], options])
    for shape, over in (((4, 6), 6), ((2, 3, 5), [3, 5]), ((7,), 7)):
        for options in (dict(eps=1e-6), dict(eps=1e-2), dict(eps=1e-6, affine=False)):
            rest = {('elementwise_affine' if k == 'affine' else k): v for k, v in options.items()}
            layer = nn.RMSNorm(over, **rest)
            w = [q(*layer.normalized_shape)] if options.get('affine', True) else []
            case('RMSNorm', lambda x, *w, layer=layer: run(layer, x=x, **dict(zip(('weight',), w))), [q(*shape)] + w, [over, options])
    for training in (True, False):
        layer = nn.BatchNorm3d(2).double().train(training)
        case('BatchNorm3d', lambda x, w, b, layer=layer: run(layer, x=x, weight=w, bias=b), [q(2, 2, 2, 3, 2), q(2), q(2)], [training])


def pools():
    for kind in ('Avg', 'Max'):
        for rank, shape, size in ((1, (2, 3, 7), 3), (1, (1, 2, 6), 2), (1, (1, 1, 3), 5), (2, (2, 2, 7, 6), 3), (2, (1, 3, 5, 4), 1), (2, (1, 2, 5, 7), [2, None]), (2, (1, 1, 4, 4), [7, 3]), (3, (1, 2, 4, 3, 5), [2, 2, 1])):
            layer = getattr(nn, f'Adaptive{kind}Pool{rank}d')(tuple(size) if isinstance(size, list) else size)
            # a maximum that several windows share takes the gradient of each; equal values do not occur
            case('AdaptivePool', lambda x, layer=layer: layer(x), [distinct(*shape)], [kind, rank, size])
    case('Pool3d', lambda x: nn.MaxPool3d(2)(x), [distinct(1, 2, 4, 4, 2)], ['Max', 2, {}])
    case('Pool3d', lambda x: nn.AvgPool3d(3, stride=2, padding=1)(x), [q(1, 2, 4, 5, 3)], ['Avg', 3, {'stride': 2, 'padding': 1}])


def upsampling():
    names = {1: 'linear', 2: 'bilinear', 3: 'trilinear'}
    for shape, options in [
        ((1, 2, 5), dict(scaleFactor=2)), ((2, 1, 5), dict(size=7)), ((1, 1, 7), dict(size=3)), ((1, 2, 3, 4), dict(scaleFactor=[2, 3])),
        ((1, 2, 4, 3), dict(scaleFactor=1.5)), ((1, 1, 2, 3, 2), dict(scaleFactor=2)),
        ((1, 2, 5), dict(scaleFactor=2, mode='linear')), ((1, 2, 5), dict(size=8, mode='linear', alignCorners=True)), ((1, 2, 8), dict(size=5, mode='linear')),
        ((1, 2, 3, 4), dict(scaleFactor=2, mode='linear')), ((1, 2, 3, 4), dict(scaleFactor=[2.5, 1.3], mode='linear')), ((2, 1, 3, 4), dict(size=[5, 1], mode='linear', alignCorners=True)),
        ((1, 1, 4, 4), dict(size=[4, 9], mode='linear')), ((1, 1, 2, 3, 2), dict(size=[3, 4, 5], mode='linear')),
    ]:
        linear = options.get('mode') == 'linear'
        theirs = {'mode': names[len(shape) - 2] if linear else 'nearest'}
        if linear:
            theirs['align_corners'] = options.get('alignCorners', False)
        for ours, name in (('size', 'size'), ('scaleFactor', 'scale_factor')):
            if ours in options:
                theirs[name] = tuple(options[ours]) if isinstance(options[ours], list) else options[ours]
        case('interpolate', lambda x: nn.functional.interpolate(x, **theirs), [q(*shape)], [options])


def residual():
    def block(x, w, v):
        return torch.relu(nn.functional.linear(x, w) + nn.functional.linear(x, v))
    case('Residual', block, [q(3, 4), q(5, 4), q(5, 4)], [True])
    case('Residual', lambda x, w: nn.functional.linear(x, w) + x, [q(3, 4), q(4, 4)], [False])


def all_parts():
    transposed()
    separable()
    normalizations()
    pools()
    upsampling()
    residual()
