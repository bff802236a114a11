"""Makes test/golden/ops.json: values and gradients of Gradus' tensor functions by PyTorch and NumPy.

Run: python3 scripts/golden/ops.py (Debian: python3-torch). The tests read the file; they need no Python.
"""
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter('ignore')

import ops_arrays
import ops_elementwise
import ops_products
import ops_random
from ops_common import write

ops_elementwise.unary_functions()
ops_elementwise.binary_functions()
ops_elementwise.choices()
ops_elementwise.unsigned_shift()
ops_arrays.reductions()
ops_arrays.orders()
ops_arrays.movements()
ops_arrays.indexing()
ops_arrays.creations()
ops_products.products()
ops_products.convolutions()
ops_products.pools()
ops_products.loops()
ops_random.random()
write(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../test/golden/ops.json'))
