// @ts-check
// `node scripts/onnx-runtime.mjs` installs ONNX Runtime (npm package onnxruntime-node, over 200 MB) into test/onnx, for the
// tests that run what exportOnnx writes. Its own installer would fetch more, for graphics cards: it is skipped.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test/onnx', import.meta.url))
process.exit(spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit', env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } }).status ?? 1)
