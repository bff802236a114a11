"""Golden samples: Threefry-2x32 with 20 rounds in NumPy, held against the published known answers (Random123, kat_vectors)."""
import numpy as np
import torch

from ops_common import CASES, case, i

ROTATIONS = [(13, 15, 26, 6), (17, 29, 16, 24)]


def threefry(k0, k1, c0, c1):
    with np.errstate(over='ignore'):
        k0, k1, x0, x1 = (np.asarray(v).astype(np.uint32) for v in (k0, k1, c0, c1))
        ks = [k0, k1, k0 ^ k1 ^ np.uint32(0x1BD11BDA)]
        x0, x1 = x0 + ks[0], x1 + ks[1]
        for group in range(5):
            for r in ROTATIONS[group % 2]:
                x0 = x0 + x1
                x1 = ((x1 << np.uint32(r)) | (x1 >> np.uint32(32 - r))) ^ x0
            x0, x1 = x0 + ks[(group + 1) % 3], x1 + ks[(group + 2) % 3] + np.uint32(group + 1)
    return x0, x1


KNOWN = [
    ((0, 0, 0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF,) * 4, (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
for given, answer in KNOWN:
    assert tuple(int(v) for v in threefry(*given)) == answer, given


def words(keys, length, stream, word):
    keys = keys.numpy().view(np.uint32)
    n = np.arange(length, dtype=np.uint32)
    rows = [threefry(k[0], k[1], n, np.full(length, stream, np.uint32))[word] for k in keys]
    return torch.from_numpy(np.array(rows, dtype=np.uint32).reshape(len(keys), length).view(np.int32))


def random():
    for n in range(12):
        keys = np.random.default_rng(n).integers(-2147483648, 2147483648, size=(1 + n % 3, 2))
        for word in (0, 1):
            case('randomWords', words, [i(keys)], [[0, 1, 5, 33][n % 4], n * 7, word])
    for n in range(20):
        key = np.random.default_rng(100 + n).integers(-2147483648, 2147483648, size=2).astype(np.int32)
        bits = words(torch.from_numpy(key.reshape(1, 2)), 6, 0, 0).numpy().view(np.uint32).reshape(-1)
        case('uniform', lambda _k: torch.from_numpy((bits >> np.uint32(8)).astype(np.float64) / 2**24), [i(key)])
