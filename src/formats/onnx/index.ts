// ONNX: models in.
export type { OnnxLimits } from './budget.ts'
export { type ConformanceOptions, type ConformanceResult, runConformance } from './conformance.ts'
export { type OnnxExportOptions, exportOnnx } from './export/export.ts'
export { loadOnnx } from './load.ts'
export { type OnnxInfo, type OnnxModel, type OnnxNode, type OnnxOptions, type OnnxPort, type OnnxRunOptions, importOnnx } from './model.ts'
export { operatorNames } from './ops/index.ts'
export type { ExternalData } from './tensor-message.ts'
