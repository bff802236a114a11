// What devices in this process's memory load on use. One import, of files that import types alone: each further one would
// cut a page's bundle into more files.
export { measurePeak } from './peak.ts'
export { tileOf } from './tile-probe.ts'
