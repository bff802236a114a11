// @ts-check
// Writes test/golden/keras/newer.h5 with the HDF5 C library: npm install --no-save h5wasm@0.10; node scripts/golden/hdf5.mjs
import { fileURLToPath } from 'node:url'

const name = 'h5wasm/node'
const { default: hdf5 } = await import(name)
await hdf5.ready
const file = new hdf5.File(fileURLToPath(new URL('../../test/golden/keras/newer.h5', import.meta.url)), 'w')
file.create_attribute('model_config', '{"class_name": "Sequential", "config": {"layers": []}}')
const weights = file.create_group('model_weights')
const dense = weights.create_group('dense')
dense.create_dataset({ name: 'kernel', data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3], dtype: '<f4' })
dense.create_dataset({ name: 'bias', data: Float64Array.of(0.5, -1, 2), shape: [3], dtype: '<f8' })
weights.create_dataset({ name: 'ints', data: Int32Array.of(1, 2, 3), shape: [3], dtype: '<i4' })
weights.create_dataset({ name: 'packed', data: new Float32Array(64), shape: [8, 8], dtype: '<f4', chunks: [4, 4], compression: 'gzip', compression_opts: 4 })
file.close()
