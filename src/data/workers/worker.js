// @ts-check
// A thread that makes batches: loads a module, calls its default export with the setup, and answers tasks with what that
// makes of them. An error goes back as plain data, so that it can be thrown where the batch was wanted.
import { parentPort, workerData } from 'node:worker_threads'

/** @param {string} url */
async function load(url) {
  if (!/\.[cm]?ts$/.test(url)) return import(url)
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url).import(url)
}
const ready = load(workerData.module).then((module) => /** @type {any} */ (module).default(workerData.setup))
// told when the first task is answered
ready.catch(() => {})

parentPort?.on('message', async ({ id, task }) => {
  try {
    const value = await (await ready)(task)
    parentPort?.postMessage({ id, value }, value?.data instanceof Object && value.data.buffer instanceof ArrayBuffer ? [value.data.buffer] : [])
  } catch (error) {
    const { name, message, operation, expected, received, remedy } = /** @type {any} */ (error ?? {})
    parentPort?.postMessage({ id, error: { name, message: String(message ?? error), operation, expected, received, remedy } })
  }
})
