"""Makes test/golden/attention.json: scaled dot-product attention and its gradients by PyTorch (2.5 or newer).

Run: python3 scripts/golden/attention.py. The tests read the file; they need no Python.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

import ops_common
from nn_common import case
from ops_common import INF, b, bools, f, q, rng


def attend(mask=None, causal=False, scale=None, grouped=False):
    def run(q, k, v, *rest):
        with sdpa_kernel(SDPBackend.MATH):
            return F.scaled_dot_product_attention(q, k, v, rest[0] if rest else mask, is_causal=causal, scale=scale, enable_gqa=grouped)
    return run


def attention(inputs, options=None, **how):
    case('attention', attend(**how), inputs, [options or {}])


def all_cases():
    for lead, T, S, E, V in (((), 1, 1, 1, 1), ((), 3, 5, 4, 2), ((2,), 4, 4, 3, 3), ((2, 3), 5, 6, 4, 4), ((1, 2), 1, 9, 4, 4), ((2, 1), 7, 1, 2, 5), ((1, 1), 0, 3, 2, 2), ((0, 2), 2, 3, 2, 2)):
        qkv = [q(*lead, T, E), q(*lead, S, E), q(*lead, S, V)]
        attention(qkv)
        attention(qkv, {'causal': True}, causal=True)
        attention(qkv, {'scale': 0.25}, scale=0.25)
        if T * S > 1:
            mask = rng.integers(0, 2, size=(T, S)).astype(bool)
            mask[:, 0] = True
            attention([*qkv, b(mask)])
            attention([*qkv, q(T, S)])
    qkv = [q(2, 2, 5, 4), q(2, 2, 6, 4), q(2, 2, 6, 3)]
    for shape in ((2, 2, 5, 6), (2, 1, 1, 6), (5, 6), (1, 2, 5, 1), (2, 1, 5, 6)):
        attention([*qkv, bools(*shape)])
        attention([*qkv, q(*shape)])
    # queries that may look nowhere, by either kind of mask
    nowhere = np.ones((5, 6), dtype=bool)
    nowhere[1] = nowhere[4] = False
    attention([*qkv, b(nowhere)])
    case('attention', attend(), [*qkv, f(np.where(nowhere, 0.5, -INF))], [{}], grad=False)
    # leading axes that broadcast
    attention([q(2, 3, 4, 5), q(3, 6, 5), q(2, 1, 6, 2)])
    attention([q(4, 5), q(2, 3, 6, 5), q(6, 2)])
    # grouped queries
    for heads, shared in ((4, 2), (6, 3), (3, 1), (4, 4)):
        qkv = [q(2, heads, 5, 4), q(2, shared, 6, 4), q(2, shared, 6, 3)]
        attention(qkv, grouped=True)
        attention(qkv, {'causal': True}, causal=True, grouped=True)
        attention([*qkv, bools(2, heads, 5, 6)], grouped=True)
        attention([*qkv, q(heads, 5, 6)], grouped=True)
    # scores far from zero
    attention([q(3, 4, lo=-3000, hi=3000), q(5, 4, lo=-3000, hi=3000), q(5, 2)], {'scale': 1.0}, scale=1.0)
    # longer than a block of keys or of queries
    for T, S, causal in ((37, 70, False), (70, 70, True), (1, 150, False), (33, 67, True)):
        attention([q(1, T, 4), q(1, S, 4), q(1, S, 2)], {'causal': causal}, causal=causal)


all_cases()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/attention.json')
with open(path, 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in ops_common.CASES) + '\n]\n')
print(len(ops_common.CASES), 'cases,', os.path.getsize(path), 'bytes')
