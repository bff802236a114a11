"""Tensors made by a formula that test/support/formula.ts has too, so that golden files need not hold the weights of models."""
import re

import numpy as np
import torch


def uniform(name, n):
    """Numbers in [-1, 1), multiples of 2^-12, from FNV-1a of the name and the finaliser of MurmurHash3."""
    seed = 0x811c9dc5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xffffffff
    with np.errstate(over='ignore'):
        h = np.arange(n, dtype=np.uint32) * np.uint32(0x9e3779b1) + np.uint32(seed)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85ebca6b)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xc2b2ae35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(19)).astype(np.float64) / 4096 - 1


def weight(name, shape):
    size = int(np.prod(shape))
    u = uniform(name, size)
    if len(shape) >= 2:
        u = u * 2.0 ** np.floor(np.log2(np.sqrt((6 if len(shape) > 2 else 3) / max(1, size / shape[0]))) + 0.5)
    elif re.search(r'(norm|ln|bn|LayerNorm)[^.]*\.weight$|running_var$|downsample\.1\.weight$', name):
        u = 1 + u / 4
    else:
        u = u / 8
    return torch.from_numpy(u.reshape(shape).copy())


def tokens(name, shape, count):
    return torch.from_numpy(np.floor((uniform(name, int(np.prod(shape))) + 1) / 2 * count).astype(np.int64).reshape(shape))


def inputs(name, shape):
    return torch.from_numpy(uniform(name, int(np.prod(shape))).reshape(shape).copy())
