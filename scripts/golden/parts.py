"""Makes test/golden/parts.json: layers, sequences, attention, losses by PyTorch, values and gradients.

Run: python3 scripts/golden/parts.py (PyTorch 2.4 or newer). The tests read the file; they need no Python.
"""
import json
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter('ignore')

import ops_common
from parts_attention import all_attention
from parts_layers import all_parts
from parts_losses import all_losses
from parts_recurrent import all_recurrent

all_parts()
all_recurrent()
all_attention()
all_losses()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/parts.json')
with open(path, 'w') as out:
    out.write('[\n' + ',\n'.join(json.dumps(item, separators=(',', ':')) for item in ops_common.CASES) + '\n]\n')
print(len(ops_common.CASES), 'cases,', os.path.getsize(path), 'bytes')
