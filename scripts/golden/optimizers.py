"""Makes test/golden/optimizers.json: Lion, LAMB, Muon and Adafactor, 20 steps on a small least-squares problem.

Adafactor is PyTorch's; the others are their papers' formulas in NumPy (PyTorch's Muon rounds to bfloat16; it is compared
with loosely here). Run: python3 scripts/golden/optimizers.py (torch 2.9 or newer).
"""
import json
import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np
import torch

import formula
from ops_common import numbers

STEPS = 20
X, Y = formula.uniform('x', 18).reshape(6, 3), formula.uniform('y', 12).reshape(6, 2)
W, B = formula.uniform('w', 6).reshape(3, 2), formula.uniform('b', 2)


def gradients(w, b):
    error = (X @ w + b - Y) * 2 / Y.size
    return X.T @ error, error.sum(0)


def lion(rate, betas=(0.9, 0.99), weightDecay=0.0):
    means = {}

    def step(k, p, g, t):
        m = means.get(k, np.zeros_like(p))
        direction = np.sign(betas[0] * m + (1 - betas[0]) * g)
        means[k] = betas[1] * m + (1 - betas[1]) * g
        return p - rate * (direction + weightDecay * p)
    return step


def lamb(rate, betas=(0.9, 0.999), eps=1e-6, weightDecay=0.0):
    kept = {}

    def step(k, p, g, t):
        m, v = kept.get(k, (np.zeros_like(p), np.zeros_like(p)))
        m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g * g
        kept[k] = m, v
        r = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weightDecay * p
        a, b = np.linalg.norm(p), np.linalg.norm(r)
        return p - rate * (a / b if a > 0 and b > 0 else 1.0) * r
    return step


def muon(rate, momentum=0.95, nesterov=True, weightDecay=0.1, steps=5, vectorRate=0.1):
    kept = {}

    def step(k, p, g, t):
        if p.ndim < 2:
            m, v = kept.get(k, (np.zeros_like(p), np.zeros_like(p)))
            m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g * g
            kept[k] = m, v
            r = rate * vectorRate
            return p * (1 - r * weightDecay) - r * m / (1 - 0.9 ** t) / (np.sqrt(v / (1 - 0.95 ** t)) + 1e-8)
        m = momentum * kept.get(k, np.zeros_like(p)) + (1 - momentum) * g
        kept[k] = m
        d = (1 - momentum) * g + momentum * m if nesterov else m
        x = (d.T if d.shape[0] > d.shape[1] else d)
        x = x / max(np.linalg.norm(x), 1e-7)
        for _ in range(steps):
            s = x @ x.T
            x = 3.4445 * x + (-4.775 * s + 2.0315 * s @ s) @ x
        x = x.T if d.shape[0] > d.shape[1] else x
        return p * (1 - rate * weightDecay) - rate * math.sqrt(max(1, p.shape[0] / p.shape[1])) * x
    return step


def run(name, rate, options):
    seen, p = [], [W.copy(), B.copy()]
    if name == 'Adafactor':
        ts = [torch.from_numpy(v.copy()).requires_grad_(True) for v in p]
        names = {'beta2Decay': 'beta2_decay', 'clip': 'd', 'weightDecay': 'weight_decay', 'eps': 'eps'}
        theirs = torch.optim.Adafactor(ts, lr=rate, **{names[k]: tuple(v) if isinstance(v, list) else v for k, v in {'eps': [2 ** -23, 1e-3], **options}.items()})
    else:
        step = {'Lion': lion, 'LAMB': lamb, 'Muon': muon}[name](rate, **options)
    for t in range(1, STEPS + 1):
        if name == 'Adafactor':
            for v, g in zip(ts, gradients(*[v.detach().numpy() for v in ts])):
                v.grad = torch.from_numpy(g.copy())
            theirs.step()
            p = [v.detach().numpy() for v in ts]
        else:
            p = [step(k, v, g, t) for k, (v, g) in enumerate(zip(p, gradients(*p)))]
        if t in (1, 2, 5, STEPS):
            seen.append({'step': t, 'params': [numbers(v) for v in p]})
    return {'name': name, 'rate': rate, 'options': options, 'seen': seen}


def check_muon():
    """The formula above against PyTorch's, whose products are in bfloat16 (two to three digits)."""
    w = torch.from_numpy(W.copy()).requires_grad_(True)
    theirs, ours, p = torch.optim.Muon([w], lr=0.02), muon(0.02), W.copy()
    for t in range(1, 6):
        g = gradients(w.detach().numpy(), B)[0]
        w.grad = torch.from_numpy(g.copy())
        theirs.step()
        p = ours(0, p, gradients(p, B)[0], t)
    assert np.abs(p - w.detach().numpy()).max() < 5e-3, np.abs(p - w.detach().numpy()).max()


check_muon()
runs = [
    run('Lion', 0.02, {}), run('Lion', 0.05, {'betas': [0.8, 0.95], 'weightDecay': 0.3}),
    run('LAMB', 0.05, {}), run('LAMB', 0.02, {'betas': [0.8, 0.9], 'eps': 1e-3, 'weightDecay': 0.2}),
    run('Muon', 0.05, {}), run('Muon', 0.02, {'nesterov': False, 'momentum': 0.8, 'weightDecay': 0, 'steps': 3, 'vectorRate': 0.5}),
    run('Adafactor', 0.05, {}), run('Adafactor', 0.5, {'beta2Decay': -0.5, 'clip': 1.2, 'weightDecay': 0.1, 'eps': [1e-4, 1e-2]}),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/optimizers.json')
with open(path, 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(r, separators=(',', ':')) for r in runs) + '\n]\n')
print(len(runs), 'runs')
