"""Golden samples: RNN, LSTM, GRU with all their weights given; several layers, both directions, packed lengths."""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nn_common import case
from ops_common import q

SETTINGS = [  # kind, I, H, options, B, T, lengths, given state
    ('RNN', 3, 2, {}, 2, 4, None, True),
    ('RNN', 2, 3, dict(nonlinearity='relu', layers=2), 2, 3, [3, 1], False),
    ('RNN', 2, 2, dict(bidirectional=True, bias=False), 3, 4, [2, 4, 1], True),
    ('LSTM', 3, 2, {}, 2, 4, None, True),
    ('LSTM', 2, 2, dict(layers=2), 2, 3, None, False),
    ('LSTM', 2, 2, dict(layers=2, bidirectional=True), 3, 4, [4, 1, 3], True),
    ('LSTM', 2, 3, dict(bias=False), 1, 1, None, True),
    ('GRU', 3, 2, {}, 2, 4, None, True),
    ('GRU', 2, 2, dict(layers=2), 2, 3, [1, 3], False),
    ('GRU', 2, 2, dict(layers=2, bidirectional=True), 3, 4, [4, 2, 3], True),
    ('GRU', 2, 2, dict(bidirectional=True, bias=False), 2, 1, None, False),
]


def all_recurrent():
    for kind, inputs, hidden, options, B, T, lengths, given in SETTINGS:
        rest = {('num_layers' if k == 'layers' else k): v for k, v in options.items()}
        layer = getattr(nn, kind)(inputs, hidden, batch_first=True, **rest).double()
        names = [n for n, _ in layer.named_parameters()]
        cells = options.get('layers', 1) * (2 if options.get('bidirectional') else 1)
        states = 0 if not given else 2 if kind == 'LSTM' else 1

        def compute(x, *more, layer=layer, kind=kind, names=names, states=states, lengths=lengths, T=T):
            weights = dict(zip(names, more[states:]))
            start = None if states == 0 else tuple(more[:2]) if kind == 'LSTM' else more[0]
            packed = x if lengths is None else pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            out, last = torch.func.functional_call(layer, weights, (packed, start))
            if lengths is not None:
                out, _ = pad_packed_sequence(out, batch_first=True, total_length=T)
            return (out, *last) if kind == 'LSTM' else (out, last)

        tensors = [q(B, T, inputs)] + [q(cells, B, hidden) for _ in range(states)]
        tensors += [q(*p.shape, lo=-32, hi=32) for p in layer.parameters()]
        case(kind, compute, tensors, [inputs, hidden, options, lengths, states])
