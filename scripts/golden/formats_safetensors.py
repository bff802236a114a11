# safetensors by the reference library: every type torch has, every bit pattern of the 8-bit floats, a sharded model.
import json

import torch
from formats_common import entry
from safetensors.torch import save_file


def flat(t):
    if t.dtype == torch.bool:
        return t.flatten().tolist()
    return (t.float() if t.is_floating_point() and t.dtype != torch.float64 else t).flatten().tolist()


def write(out):
    every8 = torch.arange(256, dtype=torch.int32).to(torch.uint8)
    # the halves: every exponent with the smallest, a middle and the largest mantissa, both signs
    pattern = [s << 15 | e << 10 | m for s in (0, 1) for e in range(32) for m in (0, 1, 0x155, 0x3ff)]
    brain = [s << 15 | e << 7 | m for s in (0, 1) for e in range(0, 256, 3) for m in (0, 1, 0x55, 0x7f)]
    as16 = lambda p, dtype: torch.tensor(p, dtype=torch.int32).to(torch.int16).view(dtype)
    tensors = {
        'f64': torch.tensor([[0.1, -2.5e300], [5e-324, -0.0]], dtype=torch.float64),
        'f32': torch.tensor([1.5, -3.25, float('inf'), 1e-45]),
        'f16': as16(pattern, torch.float16),
        'bf16': as16(brain, torch.bfloat16),
        'f8_e4m3': every8.view(torch.float8_e4m3fn),
        'f8_e5m2': every8.clone().view(torch.float8_e5m2),
        'f8_e8m0': every8.clone().view(torch.float8_e8m0fnu),
        'f8_e4m3fnuz': every8.clone().view(torch.float8_e4m3fnuz),
        'f8_e5m2fnuz': every8.clone().view(torch.float8_e5m2fnuz),
        'i64': torch.tensor([2**31 - 1, -2**31, 0], dtype=torch.int64),
        'i32': torch.tensor([[2**31 - 1], [-2**31]], dtype=torch.int32),
        'i16': torch.tensor([-32768, 32767], dtype=torch.int16),
        'i8': torch.tensor([-128, 127], dtype=torch.int8),
        'u64': torch.tensor([7, 2**31 - 1], dtype=torch.uint64),
        'u32': torch.tensor([2**31 - 1], dtype=torch.uint32),
        'u16': torch.tensor([65535], dtype=torch.uint16),
        'u8': torch.tensor([0, 255], dtype=torch.uint8),
        'bool': torch.tensor([True, False, True]),
        'scalar': torch.tensor(3.0),
        'empty': torch.zeros(0, 3),
        'имя "π" \U0001F600': torch.ones(1),
        '\uffee': torch.ones(2),
    }
    save_file(tensors, out / 'types.safetensors', {'format': 'pt'})
    save_file({'large': torch.tensor([1, 2**31], dtype=torch.int64), 'unsigned': torch.tensor([2**32 - 1], dtype=torch.uint32),
               'complex': torch.tensor([1 + 2j], dtype=torch.complex64)}, out / 'beyond.safetensors')
    four = torch.arange(16, dtype=torch.int32)
    packed = (four[0::2] | four[1::2] << 4).to(torch.uint8)
    save_file({'f4': packed.view(torch.float4_e2m1fn_x2)}, out / 'four-bits.safetensors')
    shards = {'a.safetensors': {'w': torch.ones(2, 2)}, 'b.safetensors': {'v': torch.arange(3.0)}}
    for name, content in shards.items():
        save_file(content, out / f'shard-{name}')
    index = {'metadata': {'total_size': 28}, 'weight_map': {k: f'shard-{name}' for name, content in shards.items() for k in content}}
    (out / 'model.safetensors.index.json').write_text(json.dumps(index, indent=2) + '\n')
    return {'types.safetensors': {name: entry(t.shape, flat(t)) for name, t in tensors.items()}}
