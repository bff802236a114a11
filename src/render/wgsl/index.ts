// Program → WGSL shaders and the launches of them.
export { type Base, type Range, type Shader, type WgslImage, type WgslLimits, type WgslStep, renderWgsl } from './program.ts'
