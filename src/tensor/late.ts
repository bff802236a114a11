// What is loaded on use: the measurements of devices in this process's memory, the notes of a profile. One import, of files that import types alone: each further one would
// cut a page's bundle into more files.
export { measurePeak } from './peak.ts'
export { tileOf } from './tile-probe.ts'
export { Recording, chromeTrace, kernelProfiles } from './recording.ts'
