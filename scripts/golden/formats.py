# Small files by the libraries that define the formats, with the values they hold: test/golden/formats/.
# Needs torch >= 2.13 (python3 -m pip install torch torchvision transformers safetensors gguf): python3 scripts/golden/formats.py
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import formats_arrays
import formats_gguf
import formats_models
import formats_safetensors
import formats_torch

out = pathlib.Path(__file__).parents[2] / 'test/golden/formats'
out.mkdir(parents=True, exist_ok=True)
values = {}
for module in (formats_safetensors, formats_arrays, formats_torch, formats_gguf, formats_models):
    values.update(module.write(out))
(out / 'values.json').write_text('{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in values.items()) + '\n}\n')
