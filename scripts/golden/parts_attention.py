"""Golden samples: positions, multi-head attention and the transformer's blocks with all their weights given."""
import math

import torch
from torch import nn

from nn_common import case
from ops_common import q


def positions():
    for length, width in ((3, 4), (5, 2), (1, 6)):
        def table(x):
            t = torch.arange(length, dtype=torch.float64)[:, None]
            rate = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(10000.0) / width))
            pe = torch.zeros(length, width, dtype=torch.float64)
            pe[:, 0::2], pe[:, 1::2] = torch.sin(t * rate), torch.cos(t * rate)
            return pe * x
        case('sinusoidalPositions', table, [q(length, width)], [length, width])

    def turned(x, interleaved, start, base):
        """By complex numbers: each pair times e^(i·angle)."""
        T, D = x.shape[-2:]
        rate = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
        turn = torch.polar(torch.ones(T, D // 2, dtype=torch.float64), torch.outer(torch.arange(start, start + T, dtype=torch.float64), rate))
        pairs = x.unflatten(-1, (D // 2, 2)) if interleaved else x.unflatten(-1, (2, D // 2)).transpose(-1, -2)
        y = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * turn)
        return (y if interleaved else y.transpose(-1, -2)).flatten(-2)
    for shape, options, start in (((4, 6), {}, 0), ((2, 3, 3, 4), dict(interleaved=True), 0), ((1, 2, 5, 2), dict(base=100), 3), ((3, 8), dict(interleaved=True, base=500), 7)):
        case('rotary', lambda x: turned(x, options.get('interleaved', False), start, options.get('base', 10000)), [q(*shape)], [options, start])


def mask_of(lengths, S):
    return None if lengths is None else torch.arange(S)[None, :] >= torch.tensor(lengths)[:, None]


def attention():
    for B, T, S, width, heads, kv, source, bias, masking in [
        (2, 3, 3, 4, 2, 2, None, True, {}),
        (2, 4, 4, 6, 3, 3, None, True, dict(causal=True)),
        (2, 3, 4, 4, 2, 2, 3, True, dict(lengths=[4, 2])),
        (1, 3, 3, 4, 1, 1, None, False, dict(causal=True, lengths=[2])),
        (2, 3, 3, 8, 4, 2, None, True, dict(causal=True)),
        (1, 2, 4, 6, 3, 1, 5, False, {}),
    ]:
        wide = source or width
        kv_width = width // heads * kv
        options = {**({'kvHeads': kv} if kv != heads else {}), **({'sourceWidth': source} if source else {}), **({} if bias else {'bias': False})}

        weights = []
        for rows, cols in ((width, width), (kv_width, wide), (kv_width, wide), (width, width)):
            weights += [q(rows, cols, lo=-32, hi=32)] + ([q(rows, lo=-32, hi=32)] if bias else [])
        def compute(x, src, *ws, heads=heads, kv=kv, width=width, bias=bias, masking=masking, T=T, S=S):
            return attend(x, src, ws, heads, kv, width, bias, masking, T, S)
        case('MultiHeadAttention', compute, [q(B, T, width), q(B, S, wide)] + weights, [heads, options, masking])


def attend(x, src, ws, heads, kv, width, bias, masking, T, S):
    """PyTorch's own module where it can; it knows no groups."""
    n = 2 if bias else 1
    parts = [ws[i:i + n] for i in range(0, len(ws), n)]
    if kv == heads:
        y, _ = nn.functional.multi_head_attention_forward(
            x.transpose(0, 1), src.transpose(0, 1), src.transpose(0, 1), width, heads, None, torch.cat([parts[i][1] for i in range(3)]) if bias else None, None, None, False, 0.0,
            parts[3][0], parts[3][1] if bias else None, training=False, key_padding_mask=mask_of(masking.get('lengths'), S), need_weights=False,
            attn_mask=torch.ones(T, S).triu(1).bool() if masking.get('causal') else None,
            use_separate_proj_weight=True, q_proj_weight=parts[0][0], k_proj_weight=parts[1][0], v_proj_weight=parts[2][0])
        return y.transpose(0, 1)
    split = lambda t, k: t.unflatten(2, (k, width // heads)).transpose(1, 2)
    p = [nn.functional.linear(t, *parts[i]) for i, t in ((0, x), (1, src), (2, src))]
    y = nn.functional.scaled_dot_product_attention(split(p[0], heads), split(p[1], kv), split(p[2], kv), is_causal=masking.get('causal', False), enable_gqa=True)
    return nn.functional.linear(y.transpose(1, 2).flatten(2), *parts[3])


def joined(named, name, width):
    """q, k, v of ours as PyTorch's one matrix."""
    return {f'{name}.in_proj_weight': torch.cat([named[f'{name}.{k}.weight'] for k in 'qkv']), f'{name}.in_proj_bias': torch.cat([named[f'{name}.{k}.bias'] for k in 'qkv']),
            f'{name}.out_proj.weight': named[f'{name}.o.weight'], f'{name}.out_proj.bias': named[f'{name}.o.bias']}


def blocks():
    """Parameters in the order of our fields."""
    def parameters(width, hidden, cross):
        att = lambda name: [(f'{name}.{k}.{part}', (width, width) if part == 'weight' else (width,)) for k in 'qkvo' for part in ('weight', 'bias')]
        norms = [(f'norm{i}.{part}', (width,)) for i in range(1, 4 if cross else 3) for part in ('weight', 'bias')]
        return att('self_attn') + [('linear1.weight', (hidden, width)), ('linear1.bias', (hidden,)), ('linear2.weight', (width, hidden)), ('linear2.bias', (width,))] + (att('multihead_attn') if cross else []) + norms

    def weights(named, width, cross):
        rest = {k: v for k, v in named.items() if '_attn.' not in k and 'attn' not in k}
        return {**rest, **joined(named, 'self_attn', width), **(joined(named, 'multihead_attn', width) if cross else {})}

    for width, heads, hidden, options, masking in [
        (4, 2, 6, {}, {}), (4, 1, 6, dict(activation='gelu', normFirst=True), dict(causal=True)), (6, 3, 8, dict(eps=1e-2), dict(lengths=[3, 2])),
    ]:
        layer = nn.TransformerEncoderLayer(width, heads, hidden, 0.0, options.get('activation', 'relu'), options.get('eps', 1e-5), True, options.get('normFirst', False)).double()
        names = parameters(width, hidden, False)

        def encode(x, *ws, layer=layer, names=names, masking=masking, width=width):
            given = weights(dict(zip([n for n, _ in names], ws)), width, False)
            T = x.shape[1]
            hide = torch.ones(T, T).triu(1).bool() if masking.get('causal') else None
            return torch.func.functional_call(layer, given, (x,), dict(src_mask=hide, src_key_padding_mask=mask_of(masking.get('lengths'), T)))
        case('TransformerEncoderLayer', encode, [q(2, 3, width)] + [q(*s, lo=-32, hi=32) for _, s in names], [heads, {'hidden': hidden, **options}, masking])

    for width, heads, hidden, options, masking in [(4, 2, 6, {}, {}), (4, 2, 5, dict(activation='gelu', normFirst=True), dict(memoryLengths=[4, 2], lengths=[3, 2]))]:
        layer = nn.TransformerDecoderLayer(width, heads, hidden, 0.0, options.get('activation', 'relu'), 1e-5, True, options.get('normFirst', False)).double()
        names = parameters(width, hidden, True)

        def decode(x, memory, *ws, layer=layer, names=names, masking=masking, width=width):
            given = weights(dict(zip([n for n, _ in names], ws)), width, True)
            T, S = x.shape[1], memory.shape[1]
            return torch.func.functional_call(layer, given, (x, memory), dict(
                tgt_mask=torch.ones(T, T).triu(1).bool(), tgt_key_padding_mask=mask_of(masking.get('lengths'), T), memory_key_padding_mask=mask_of(masking.get('memoryLengths'), S)))
        case('TransformerDecoderLayer', decode, [q(2, 3, width), q(2, 4, width)] + [q(*s, lo=-32, hi=32) for _, s in names], [heads, {'hidden': hidden, **options}, masking])


def all_attention():
    positions()
    attention()
    blocks()
