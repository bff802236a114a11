// The engine's side: runs the functions of a lab's compute.ts with Gradus and posts what they return or yield.
import { setDevice } from 'gradus'
import { deviceSettled } from './device.ts'

type Compute = Readonly<Record<string, (...args: unknown[]) => unknown>>
type Request = { id: number; lab: string; name: string; args: unknown[] } | { stop: number }

const modules = import.meta.glob('../labs/*/compute.ts') as Record<string, () => Promise<Compute>>
const stopped = new Set<number>()
const running = new Set<number>()

const device = self.name === 'reference' ? 'reference' : 'auto'
const ready = choose()

async function choose(): Promise<void> {
  try {
    setDevice(device)
  } catch {
    setDevice('reference')
  }
}

/** Lets messages in between the pieces of long work. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

async function answer({ id, lab, name, args }: Exclude<Request, { stop: number }>): Promise<void> {
  running.add(id)
  try {
    await ready
    await deviceSettled()
    const load = modules[`../labs/${lab}/compute.ts`]
    if (load === undefined) throw new Error(`no lab ${lab}`)
    const compute = await load()
    const fn = compute[name]
    if (fn === undefined) throw new Error(`no function ${name} in ${lab}`)
    let value = await fn(...args)
    if (isGenerator(value)) {
      for await (const next of value) {
        if (stopped.has(id)) break
        self.postMessage({ id, next })
        await breathe()
      }
      value = null
    }
    self.postMessage({ id, value })
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) })
  } finally {
    running.delete(id)
    stopped.delete(id)
  }
}

const isGenerator = (value: unknown): value is AsyncGenerator => typeof value === 'object' && value !== null && Symbol.asyncIterator in value

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if ('stop' in data) {
    if (running.has(data.stop)) stopped.add(data.stop)
  } else void answer(data)
}
