// The library's front door: tensors, transforms, devices.
export * from './tensor/index.ts'
