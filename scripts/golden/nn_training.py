"""Golden runs: every optimiser 20 steps on a small least-squares problem, every schedule 50 steps."""
import torch
from torch import nn, optim
from torch.optim import lr_scheduler as schedules

from ops_common import number, numbers, q

STEPS = 20
OPTIMIZERS = [  # name, PyTorch's class, rate, options as (ours, PyTorch's)
    ('SGD', optim.SGD, 0.05, {}, {}),
    ('SGD', optim.SGD, 0.02, {'momentum': 0.9}, {}),
    ('SGD', optim.SGD, 0.02, {'momentum': 0.8, 'nesterov': True, 'weightDecay': 0.1}, {}),
    ('SGD', optim.SGD, 0.02, {'momentum': 0.9, 'dampening': 0.4}, {}),
    ('SGD', optim.SGD, 0.03, {'weightDecay': 0.5}, {}),
    ('Adagrad', optim.Adagrad, 0.1, {}, {}),
    ('Adagrad', optim.Adagrad, 0.2, {'lrDecay': 0.1, 'weightDecay': 0.05, 'initialAccumulator': 0.3, 'eps': 1e-3}, {'initialAccumulator': 'initial_accumulator_value'}),
    ('RMSProp', optim.RMSprop, 0.02, {}, {}),
    ('RMSProp', optim.RMSprop, 0.01, {'alpha': 0.9, 'momentum': 0.7, 'eps': 1e-4}, {}),
    ('RMSProp', optim.RMSprop, 0.02, {'centered': True, 'weightDecay': 0.1}, {}),
    ('RMSProp', optim.RMSprop, 0.01, {'alpha': 0.8, 'centered': True, 'momentum': 0.5}, {}),
    ('Adam', optim.Adam, 0.05, {}, {}),
    ('Adam', optim.Adam, 0.05, {'betas': [0.8, 0.95], 'eps': 1e-3, 'weightDecay': 0.2}, {}),
    ('Adam', optim.Adam, 0.1, {'amsgrad': True, 'betas': [0.5, 0.5]}, {}),
    ('Adam', optim.Adam, 0.05, {'betas': [0.0, 0.9]}, {}),
    ('AdamW', optim.AdamW, 0.05, {}, {}),
    ('AdamW', optim.AdamW, 0.1, {'weightDecay': 0.3, 'betas': [0.7, 0.9], 'amsgrad': True}, {}),
    ('AdamW', optim.AdamW, 0.05, {'weightDecay': 0}, {}),
]
SNAKE = {'weightDecay': 'weight_decay', 'lrDecay': 'lr_decay'}


def optimizer_runs():
    x, y, w, b = q(6, 3), q(6, 2), q(3, 2), q(2)
    data = [torch.from_numpy(t.array.astype('float64')) for t in (x, y, w, b)]
    runs = []
    for name, make, rate, options, names in OPTIMIZERS:
        for schedule in (None, 'cosine'):
            params = [data[2].clone().requires_grad_(True), data[3].clone().requires_grad_(True)]
            theirs = {{**SNAKE, **names}.get(k, k): tuple(v) if isinstance(v, list) else v for k, v in options.items()}
            optimizer = make(params, lr=rate, **theirs)
            steps = schedules.CosineAnnealingLR(optimizer, STEPS) if schedule else None
            seen = []
            for n in range(STEPS):
                optimizer.zero_grad()
                ((data[0] @ params[0] + params[1] - data[1]) ** 2).mean().backward()
                optimizer.step()
                if steps:
                    steps.step()
                if n in (0, 1, 4, STEPS - 1):
                    seen.append({'step': n + 1, 'params': [numbers(p.detach()) for p in params]})
            runs.append({'name': name, 'rate': rate, 'options': options, 'schedule': schedule, 'seen': seen})
    problem = {k: {'s': list(t.array.shape), 'q': [int(v) for v in t.q.reshape(-1)]} for k, t in zip('xywb', (x, y, w, b))}
    return {'problem': problem, 'steps': STEPS, 'runs': runs}


def curve(make, lr=0.1):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule = make(optimizer)
    values = []
    for _ in range(50):
        values.append(number(optimizer.param_groups[0]['lr']))
        optimizer.step()
        schedule.step()
    return values


def schedule_runs():
    s = schedules
    one = lambda **k: (lambda o: s.OneCycleLR(o, max_lr=0.1, total_steps=51, **k))
    return [
        {'name': 'constant', 'args': [0.1], 'values': curve(lambda o: s.ConstantLR(o, factor=1.0))},
        {'name': 'stepDecay', 'args': [0.1, {'every': 7, 'factor': 0.5}], 'values': curve(lambda o: s.StepLR(o, 7, 0.5))},
        {'name': 'stepDecay', 'args': [0.1, {'at': [5, 20, 21]}], 'values': curve(lambda o: s.MultiStepLR(o, [5, 20, 21]))},
        {'name': 'exponential', 'args': [0.1, 0.93], 'values': curve(lambda o: s.ExponentialLR(o, 0.93))},
        {'name': 'cosine', 'args': [0.1, 49, {}], 'values': curve(lambda o: s.CosineAnnealingLR(o, 49))},
        {'name': 'cosine', 'args': [0.1, 60, {'min': 0.02}], 'values': curve(lambda o: s.CosineAnnealingLR(o, 60, eta_min=0.02))},
        {'name': 'polynomial', 'args': [0.1, 30, {}], 'values': curve(lambda o: s.PolynomialLR(o, 30))},
        {'name': 'polynomial', 'args': [0.1, 40, {'power': 2.5}], 'values': curve(lambda o: s.PolynomialLR(o, 40, 2.5))},
        {'name': 'warmup', 'args': [0.1, 10, {'from': 0.25}], 'values': curve(lambda o: s.LinearLR(o, 0.25, 1.0, 10))},
        {'name': 'oneCycle', 'args': [0.1, 51, {}], 'values': curve(one())},
        {'name': 'oneCycle', 'args': [0.1, 51, {'rise': 0.5, 'divide': 10, 'finalDivide': 100, 'shape': 'linear'}],
         'values': curve(one(pct_start=0.5, div_factor=10, final_div_factor=100, anneal_strategy='linear'))},
    ]


def network_run():
    """Ten steps of the whole loop: loss, clipping, AdamW, running statistics.

    The convolution has no bias: before a batch normalisation its gradient is rounding alone, which Adam makes large.
    """
    net = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 4)).double()
    inputs = q(12, 1, 6, 6)
    labels = [int(v) for v in (inputs.q.reshape(12, -1).sum(1) % 4)]
    start = {name: q(*p.shape, lo=-16, hi=16) for name, p in net.named_parameters()}
    net.load_state_dict({name: torch.from_numpy(t.array) for name, t in start.items()}, strict=False)
    optimizer = optim.AdamW(net.parameters(), lr=0.02, weight_decay=0.05)
    x, y = torch.from_numpy(inputs.array), torch.tensor(labels)
    losses, norms = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y, label_smoothing=0.1)
        loss.backward()
        norms.append(number(nn.utils.clip_grad_norm_(net.parameters(), 0.8)))
        optimizer.step()
        losses.append(number(loss.detach()))
    state = {name: numbers(t.detach()) for name, t in net.state_dict().items()}
    net.eval()
    plain = lambda t: {'s': list(t.array.shape), 'q': [int(v) for v in t.q.reshape(-1)]}
    return {'inputs': plain(inputs), 'labels': labels, 'start': {name: plain(t) for name, t in start.items()}, 'losses': losses, 'norms': norms, 'state': state, 'outputs': numbers(net(x).detach())}
