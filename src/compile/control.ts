// Loops and branches: steps around the steps of their sub-graphs.
import { byteSize, sizeOf } from '../base/index.ts'
import { type Arg, type Aval, type Node, type Step, emit as e, placeholder } from '../ir/index.ts'
import { type Family, type Places, type ProgramWriter, bytesOf } from './families.ts'
import { mergeScans } from './merge-scans.ts'

export const controlFamily: Family = {
  merge: mergeScans,
  steps: (node, where, depth, program) =>
    node.op === 'scan' ? scan(node as Node<'scan'>, where, depth, program) : node.op === 'cond' ? cond(node as Node<'cond'>, where, depth, program) : undefined,
}

function scan(node: Node<'scan'>, where: Places, depth: number, program: ProgramWriter): Step[] {
  const { body, constants, carries, length, reverse } = node.params
  program.clock++
  const begin = program.clock
  const args = node.inputs.map((x) => program.place(x, where))
  const outs = program.outputs(node, where)
  const steps: Step[] = []
  const copyTo = (from: Arg, to: Arg, like: Aval): void => {
    if (sizeOf(like.shape) === 0) return
    const p = placeholder(e, like)
    steps.push(...program.block({ params: [p], results: [p] }, [from], [to], depth))
  }
  // The carry lives in the outputs; a step computes the next one aside and copies it over.
  const start = args.slice(constants, constants + carries)
  start.forEach((a, i) => copyTo(a, outs[i]!, node.outs![i]!))
  const rowBytes = (x: Aval): number => sizeOf(x.shape) * byteSize(x.dtype)
  const moving = (a: Arg, x: Aval): Arg => {
    const bytes = rowBytes(x)
    const strides = [...new Array<number>(depth).fill(0).map((_, l) => a.strides?.[l] ?? 0), reverse ? -bytes : bytes]
    return { slot: a.slot, offset: (a.offset ?? 0) + (reverse ? (length - 1) * bytes : 0), strides }
  }
  const xs = body.params.slice(constants + carries).map((p, i) => moving(args[constants + carries + i]!, p))
  const next = body.results.slice(0, carries).map((r) => program.temp(bytesOf(r)))
  const ys = body.results.slice(carries).map((r, i) => moving(outs[carries + i]!, r))
  if (length > 0) {
    const inner = program.block(body, [...args.slice(0, constants), ...outs.slice(0, carries), ...xs], [...next, ...ys], depth + 1)
    const back: Step[] = []
    body.results.slice(0, carries).forEach((r, i) => {
      if (sizeOf(r.shape) === 0) return
      const p = placeholder(e, r)
      back.push(...program.block({ params: [p], results: [p] }, [next[i]!], [outs[i]!], depth + 1))
    })
    steps.push({ kind: 'loop', count: length, body: [...inner, ...back] })
  }
  program.clock++
  // Everything the loop touches, and everything born in it, lives through all of it.
  for (const a of [...args, ...outs, ...next]) program.touch(a)
  for (const t of program.temps) {
    if (t.life.end >= begin && t.life.start < begin) t.life.end = Math.max(t.life.end, program.clock)
    if (t.life.start >= begin) {
      t.life.start = begin
      t.life.end = program.clock
    }
  }
  return steps
}

function cond(node: Node<'cond'>, where: Places, depth: number, program: ProgramWriter): Step[] {
  program.clock++
  const begin = program.clock
  const [flag, ...args] = node.inputs.map((x) => program.place(x, where))
  const outs = program.outputs(node, where)
  const then = program.block(node.params.then, args, outs, depth)
  const otherwise = program.block(node.params.else, args, outs, depth)
  program.clock++
  for (const a of [flag!, ...args, ...outs]) program.touch(a)
  for (const t of program.temps) if (t.life.start < begin && t.life.end >= begin) t.life.end = program.clock
  return [{ kind: 'if', flag: flag!, then, else: otherwise }]
}
