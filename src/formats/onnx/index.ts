// ONNX: models in and out.
export { type OnnxInfo, type OnnxModel, type OnnxOptions, type OnnxPort, importOnnx } from './model.ts'
