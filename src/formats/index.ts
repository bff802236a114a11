// File formats: bytes in, bytes out; no file access, so that they work in a browser too.
export { type SafetensorsFile, readSafetensors, writeSafetensors } from './safetensors.ts'
