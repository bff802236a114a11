"""Makes test/golden/nn.json: layers, activations, losses, optimisers and schedules by PyTorch.

Run: python3 scripts/golden/nn.py (Debian: python3-torch). The tests read the file; they need no Python.
"""
import json
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter('ignore')

import ops_common
from nn_functions import all_functions
from nn_layers import all_layers
from nn_training import network_run, optimizer_runs, schedule_runs

all_layers()
all_functions()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/nn.json')
lines = lambda items: '[\n' + ',\n'.join(json.dumps(item, separators=(',', ':')) for item in items) + '\n]'
optimizers = optimizer_runs()
with open(path, 'w') as out:
    out.write('{"cases":%s,\n"problem":%s,\n"steps":%d,\n"optimizers":%s,\n"schedules":%s,\n"network":%s}\n' % (
        lines(ops_common.CASES), json.dumps(optimizers['problem'], separators=(',', ':')), optimizers['steps'], lines(optimizers['runs']), lines(schedule_runs()), json.dumps(network_run(), separators=(',', ':'))))
print(len(ops_common.CASES), 'cases,', os.path.getsize(path), 'bytes')
