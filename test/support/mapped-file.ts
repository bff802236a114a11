// The child of test/mapped-files.test.ts: opens a large file mapped, reads a small tensor and one far larger than the memory it may take;
// prints by how many MB its resident memory grew, and how many parts of the file are mapped before and after nobody sees them.
import { readFileSync } from 'node:fs'
import { openSafetensors } from '../../src/formats/index.ts'

const [path, map] = [process.argv[2]!, process.argv[3] === 'map']
const collect = (globalThis as { gc?: () => void }).gc!
const mappings = (): number => readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.endsWith(path)).length

async function look(): Promise<object> {
  collect()
  const start = process.memoryUsage.rss()
  const file = await openSafetensors(path, { map })
  const small = await file.read('small')
  const large = map ? await file.read('large') : null
  await file.close()
  const seen = [small.data[0], large?.data[0], large?.data.at(-1)]
  if (large !== null) large.data[1] = 5 // a page of its own, after the file is closed
  return { seen, grown: Math.round((process.memoryUsage.rss() - start) / 1e6), mapped: process.platform === 'linux' ? mappings() : null }
}

try {
  const result = await look()
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((done) => setTimeout(done, 5))
  }
  process.stdout.write(JSON.stringify({ ...result, left: process.platform === 'linux' ? mappings() : null }))
} catch (error) {
  process.stdout.write(JSON.stringify({ error: (error as Error).message }))
}
