# npy and npz by NumPy: every version of the header, both orders, both ends.
import io
import zipfile

import numpy as np
from formats_common import entry


def write(out):
    rng = np.arange(6).reshape(2, 3)
    arrays = {
        'f4': rng.astype('<f4') / 4, 'f8': rng.astype('<f8') / 10, 'f2': rng.astype('<f2') / 3,
        'i1': -rng.astype('i1'), 'i2': -rng.astype('<i2') * 1000, 'i4': rng.astype('<i4') - 3, 'i8': rng.astype('<i8') - 3,
        'u1': rng.astype('u1'), 'u2': rng.astype('<u2') * 9999, 'u4': rng.astype('<u4'), 'u8': rng.astype('<u8'),
        'bool': rng % 2 == 0, 'big_f4': rng.astype('>f4') / 4, 'big_f8': rng.astype('>f8') / 10, 'big_i8': rng.astype('>i8') - 3, 'big_u2': rng.astype('>u2'),
        'fortran': np.asfortranarray(rng.astype('<f4')), 'fortran_big': np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype('>i4')),
        'scalar': np.float32(2.5), 'empty': np.zeros((0, 4), '<f4'),
    }
    np.savez(out / 'arrays.npz', **arrays)
    np.savez_compressed(out / 'compressed.npz', **arrays)
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(out / f'v{version[0]}.npy', 'wb') as file:
            np.lib.format.write_array(file, rng.astype('<f4'), version=version)
    with open(out / 'object.npy', 'wb') as file:
        np.save(file, np.array([{}, None], dtype=object), allow_pickle=True)
    with open(out / 'struct.npy', 'wb') as file:
        np.save(file, np.zeros(2, dtype=[('a', '<f4'), ('b', '<i4')]))
    # as a zip of a stream: sizes stand behind the members, not before them
    with open(out / 'streamed.npz', 'wb') as file:
        with zipfile.ZipFile(Unseekable(file), 'w', zipfile.ZIP_DEFLATED) as zipped:
            member = io.BytesIO()
            np.save(member, rng.astype('<f4'))
            info = zipfile.ZipInfo('x.npy')
            info.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(info, member.getvalue())
    return {'arrays.npz': {name: entry(np.shape(a), np.asarray(a).astype('f8').flatten().tolist()) for name, a in arrays.items()}}


class Unseekable:
    def __init__(self, file):
        self.file = file

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()
