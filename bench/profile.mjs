// @ts-check
// node bench/profile.mjs mlp-128,cnn [--device wasm|native] [--threads 1] [--steps 20]: where the time of a training step goes.
import { spawnSync } from 'node:child_process'
import { bundle } from './bundle.mjs'

const { status } = spawnSync(process.execPath, [await bundle('profile-steps'), ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
