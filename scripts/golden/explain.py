"""Makes test/golden/explain.json: attention weights and contributions of tokens by PyTorch, in float64.

Weights come from a formula by their names (formula.py), so the file holds only results.

Run: python3 scripts/golden/explain.py (torch 1.13 or newer). The tests read the file; they need no Python.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch
from torch import nn

import formula

WIDTH, HEADS, WORDS, CLASSES, STEPS = 8, 2, 11, 3, 16
short = lambda v: float(f'{v:.10g}')
whole = lambda t: {'s': list(t.shape), 'v': [short(v) for v in t.detach().reshape(-1)]}


def attention():
    layer = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    one = lambda name, *shape: formula.weight(name, shape)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([one(f'{n}.weight', WIDTH, WIDTH) for n in ('query', 'key', 'value')]))
        layer.in_proj_bias.copy_(torch.cat([one(f'{n}.bias', WIDTH) for n in ('query', 'key', 'value')]))
        layer.out_proj.weight.copy_(one('out.weight', WIDTH, WIDTH))
        layer.out_proj.bias.copy_(one('out.bias', WIDTH))
    return layer


def maps():
    layer = attention()
    x, y = formula.inputs('x', (2, 5, WIDTH)), formula.inputs('y', (2, 4, WIDTH))
    weights = lambda q, kv, **how: whole(layer(q, kv, kv, need_weights=True, average_attn_weights=False, **how)[1])
    return {
        'plain': weights(x, x),
        'causal': weights(x, x, attn_mask=torch.ones(5, 5).triu(1).bool()),
        'padded': weights(x, x, key_padding_mask=torch.arange(5)[None] >= torch.tensor([5, 3])[:, None]),
        'cross': weights(x, y),
    }


def contributions():
    """A sentence is the mean of what attention makes of its tokens; then a layer for classes."""
    table, layer = formula.weight('words', (WORDS, WIDTH)), attention()
    out, bias = formula.weight('classes.weight', (CLASSES, WIDTH)), formula.weight('classes.bias', (CLASSES,))
    vectors = table[formula.tokens('ids', (1, 6), WORDS)]
    score = lambda v: (layer(v, v, v)[0].mean(1) @ out.T + bias)[:, 1]

    def slope(at):
        at = at.clone().requires_grad_()
        return torch.autograd.grad(score(at).sum(), at)[0]
    way = sum(slope(vectors * (i + 0.5) / STEPS) for i in range(STEPS)) / STEPS
    return {'integrated': whole((way * vectors).sum(-1)[0]), 'saliency': whole(slope(vectors).norm(dim=-1)[0]),
            'score': short(score(vectors).item()), 'nothing': short(score(torch.zeros_like(vectors)).item())}


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/explain.json')
with open(path, 'w') as out:
    json.dump({'maps': maps(), 'contributions': contributions()}, out, separators=(',', ':'))
    out.write('\n')
print(os.path.getsize(path), 'bytes')
