# GGUF by the package gguf (python3 -m pip install gguf): blocks of random bytes, with the values that package gives them.
import gguf
import numpy as np
from formats_common import entry

TYPES = gguf.GGMLQuantizationType


def write(out):
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(out / 'blocks.gguf'), 'llama')
    writer.add_name('голова')
    writer.add_uint32('test.u32', 7)
    writer.add_int64('test.i64', -2**40)
    writer.add_float32('test.f32', 0.5)
    writer.add_bool('test.bool', True)
    writer.add_array('test.texts', ['a', 'β', ''])
    writer.add_array('test.numbers', [1, -2, 3])
    values = {}

    def add(name, data, raw=None):
        writer.add_tensor(name, data, raw_dtype=raw)

    plain = rng.standard_normal((3, 5)).astype(np.float32)
    add('f32', plain)
    values['f32'] = entry(plain.shape, plain.flatten().tolist())
    half = plain.astype(np.float16)
    add('f16', half)
    values['f16'] = entry(half.shape, half.astype(np.float32).flatten().tolist())
    ints = np.array([[-3, 2**31 - 1]], dtype=np.int32)
    add('i32', ints)
    values['i32'] = entry(ints.shape, ints.flatten().tolist())
    for kind in ('Q4_0', 'Q8_0', 'Q4_K', 'Q6_K'):
        block, size = gguf.GGML_QUANT_SIZES[TYPES[kind]]
        data = rng.integers(0, 256, (2, 2 * size), dtype=np.uint8)
        blocks = data.reshape(-1, size)
        # scales that are numbers: random halves would be infinite or NaN at times
        scales = lambda: (rng.standard_normal(len(blocks)) / 8).astype(np.float16).view(np.uint8).reshape(-1, 2)
        if kind == 'Q6_K':
            blocks[:, 208:210] = scales()
        else:
            blocks[:, 0:2] = scales()
        if kind == 'Q4_K':
            blocks[:, 2:4] = scales()
        add(kind.lower(), data, TYPES[kind])
        values[kind.lower()] = entry((2, 2 * block), gguf.quants.dequantize(data, TYPES[kind]).astype(np.float32).flatten().tolist())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {'blocks.gguf': values}
