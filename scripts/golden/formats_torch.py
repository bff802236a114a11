# PyTorch files by torch.save: state dicts, shared storages, views, nested checkpoints, and what must be refused.
import collections

import torch
from formats_common import entry


class Custom:
    pass


def write(out):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    state = model.state_dict()
    torch.save(state, out / 'state.pt')
    base = torch.arange(24.).reshape(4, 6)
    views = {
        'transposed': base.t(), 'slice': base[1:3, ::2], 'row': base[2], 'scalar': base[3, 5], 'whole': base, 'empty': base[:0],
        'parameter': torch.nn.Parameter(torch.ones(2)), 'half': torch.tensor([0.1, -2]).half(), 'brain': torch.tensor([0.1]).bfloat16(), 'double': torch.tensor([0.1], dtype=torch.float64),
        'int64': torch.tensor([-5]), 'int32': torch.tensor([7], dtype=torch.int32), 'int16': torch.tensor([-7], dtype=torch.int16), 'int8': torch.tensor([-1], dtype=torch.int8),
        'uint8': torch.tensor([255], dtype=torch.uint8), 'bool': torch.tensor([True, False]), 'uint16': torch.tensor([65535], dtype=torch.uint16),
        'float8': torch.tensor([0.5, 448.]).to(torch.float8_e4m3fn),
    }
    torch.save(views, out / 'views.pt')
    torch.save({'epoch': 3, 'loss': 0.25, 'name': 'run', 'model': collections.OrderedDict(a=torch.zeros(2)), 'optimizer': {'state': {0: {'step': torch.tensor(2.)}}, 'param_groups': [{'lr': 0.1, 'betas': (0.9, 0.99), 'params': [0]}]}, 'size': torch.Size([2, 3]), 'dtype': torch.float32}, out / 'checkpoint.pt')
    torch.save(state, out / 'protocol4.pt', pickle_protocol=4)
    torch.save(state, out / 'legacy.pt', _use_new_zipfile_serialization=False)
    torch.save(model, out / 'module.pt')
    torch.jit.script(torch.nn.ReLU()).save(str(out / 'script.pt'))
    flat = lambda t: (t.float() if t.is_floating_point() and t.dtype != torch.float64 else t).detach().flatten().tolist()
    return {
        'state.pt': {name: entry(t.shape, flat(t)) for name, t in state.items()},
        'views.pt': {name: entry(t.shape, flat(t)) for name, t in views.items()},
    }
