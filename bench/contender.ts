// One contender in a process of its own: reads commands (JSON, a line each) on stdin, answers on stdout after an '@'.
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Loaded, Peer } from './peers/peer.ts'
import type { Command } from './protocol.ts'
import { timeRuns } from './timing.ts'

const [name, device, threads] = process.argv.slice(2) as [string, string, string]
const count = threads === '' || threads === undefined ? undefined : Number(threads)

async function open(): Promise<Peer> {
  switch (name) {
    case 'gradus': return (await import('./peers/gradus.ts')).gradusPeer(device, count)
    case 'jax': return (await import('./peers/jax.ts')).jaxPeer()
    case 'tfjs': return (await import('./peers/tfjs.ts')).tfjsPeer(count ?? 1)
    case 'ort': return (await import('./peers/ort.ts')).ortPeer(count ?? 1)
    default: throw new Error(`no peer ${name}`)
  }
}

let peer: Peer | null = null
let loaded: Loaded | null = null
const answer = (value: unknown): void => void process.stdout.write(`@${JSON.stringify(value)}\n`)
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const command = JSON.parse(line) as Command
    peer ??= await open()
    if (command.do === 'versions') answer(await peer.versions())
    else if (command.do === 'load') {
      loaded?.dispose?.()
      loaded = null
      loaded = await peer.load(command.task, command.path)
      await sleep(30) // threads that were started come to their first wait
      answer({ check: loaded.check, notes: loaded.notes ?? {} })
    } else if (command.do === 'time') answer(await timeRuns(loaded!.run, command.ms))
    else answer({ peakMB: process.resourceUsage().maxRSS / 1000 })
  } catch (error) {
    answer({ error: reason(error) })
  }
}
process.exit(0)
