// Who takes part: Gradus on its devices, and every peer in all settings of which the best counts.
import { existsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ContenderProcess } from './process.ts'
import type { TimedTask } from './tasks.ts'

export interface Contender {
  /** Unique: 'wasm', 'torch, 2 threads, compiled'. */
  readonly name: string
  /** What it counts for: 'wasm', 'native', 'torch', 'jax', 'tfjs', 'ort'. */
  readonly group: string
  readonly process: ContenderProcess
  readonly threads: number
  readonly compiled: boolean
  /** Only rows it may have something to say about. */
  readonly takes: (task: TimedTask) => boolean
}
export const PEERS = ['torch', 'jax', 'tfjs', 'ort'] as const
export type PeerName = (typeof PEERS)[number]

export interface ContenderOptions {
  /** bench/, where this program was bundled to .cache/. */
  readonly folder: string
  readonly devices: readonly string[]
  readonly peers: readonly string[]
  /** Threads of Gradus and the most a peer gets. */
  readonly threads: number
}

const PACKAGES: Partial<Record<PeerName, string>> = { jax: '@jax-js/jax', tfjs: '@tensorflow/tfjs-backend-wasm', ort: 'onnxruntime-node' }

/** Starts the processes. `missing`: peers that are not here, with what to do about it. */
export function startContenders({ folder, devices, peers, threads }: ContenderOptions): { readonly contenders: Contender[]; readonly missing: Record<string, string> } {
  const contenders: Contender[] = []
  const missing: Record<string, string> = {}
  const program = join(folder, '.cache/contender.mjs')
  const node = (...args: string[]): ContenderProcess => new ContenderProcess(process.execPath, [program, ...args])
  const all = (): boolean => true
  for (const device of devices) {
    contenders.push({ name: device, group: device, process: node('gradus', device, String(threads)), threads, compiled: false, takes: all })
  }
  const counts = threads > 1 ? [1, threads] : [1]
  for (const peer of PEERS.filter((p) => peers.includes(p))) {
    if (peer === 'torch') {
      const python = findPython(folder)
      if (python === null) {
        missing.torch = 'no Python with PyTorch: apt install python3-torch, or make bench/.cache/venv with torch in it, or set GRADUS_BENCH_PYTHON'
        continue
      }
      if (python.problem !== null) missing['torch, compiled'] = python.problem
      if (devices.includes('webgpu')) {
        if (python.card === null) missing['torch, CUDA'] = 'this PyTorch sees no card'
        else contenders.push({ name: 'torch, CUDA', group: 'torch CUDA', process: new ContenderProcess(python.path, [join(folder, 'peers/torch_worker.py'), 'cuda']), threads, compiled: false, takes: all })
      }
      // a card's work would take a processor minutes
      if (python.card !== null && devices.every((d) => d.startsWith('webgpu'))) continue
      for (const compiled of python.compiles ? [false, true] : [false]) {
        // threads are set inside; a process each, as compiled code remembers their number
        for (const n of counts) {
          const name = `torch, ${n} thread${n === 1 ? '' : 's'}${compiled ? ', compiled' : ''}`
          contenders.push({ name, group: 'torch', process: new ContenderProcess(python.path, [join(folder, 'peers/torch_worker.py')]), threads: n, compiled, takes: (task) => !compiled || (task.kind !== 'gemm' && task.kind !== 'generate') })
        }
      }
      continue
    }
    const folderOf = join(folder, 'node_modules', PACKAGES[peer]!)
    if (!existsSync(folderOf)) {
      missing[peer] = `not installed: npm ci --prefix bench (ONNXRUNTIME_NODE_INSTALL=skip)`
      continue
    }
    const takes = peer === 'ort' ? (task: TimedTask): boolean => task.kind !== 'step' && task.kind !== 'generate' : (task: TimedTask): boolean => task.kind !== 'generate'
    for (const n of peer === 'jax' ? [1] : counts) {
      const name = peer === 'jax' ? peer : `${peer}, ${n} thread${n === 1 ? '' : 's'}`
      contenders.push({ name, group: peer, process: node(peer, '', String(n)), threads: n, compiled: false, takes })
    }
  }
  return { contenders, missing }
}

/** Says the version, whether there is a card, and why torch.compile does not work here: `-` where it does (it needs a C++ compiler of its own). */
const ASK = `
import torch
def why():
    if not hasattr(torch, "compile"):
        return "this PyTorch has no torch.compile"
    try:
        from torch._inductor.cpp_builder import get_cpp_compiler
        get_cpp_compiler()
        return "-"
    except ImportError:
        return "-"
    except Exception:
        return "no C++ compiler: apt install g++, or set CXX"
print(torch.__version__, "cuda" if torch.cuda.is_available() else "none", why())
`

/** The newest PyTorch there is. `compiles`: whether torch.compile works; `problem`: why not. */
export function findPython(folder: string): { readonly path: string; readonly version: string; readonly card: 'cuda' | null; readonly compiles: boolean; readonly problem: string | null } | null {
  const candidates = [process.env.GRADUS_BENCH_PYTHON, join(folder, '.cache/venv/bin/python'), join(folder, '.cache/venv/Scripts/python.exe'), 'python3', '/usr/bin/python3', 'python']
  for (const path of candidates) {
    if (path === undefined) continue
    const { status, stdout } = spawnSync(path, ['-c', ASK], { encoding: 'utf8' })
    if (status !== 0) continue
    const [version, card, ...why] = stdout.trim().split(' ')
    const problem = why.join(' ')
    return { path, version: version!, card: card === 'cuda' ? card : null, compiles: problem === '-', problem: problem === '-' ? null : problem }
  }
  return null
}
