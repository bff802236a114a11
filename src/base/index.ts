// Base: what every room may use. Imports nothing.
export * from './dtype.ts'
export * from './errors.ts'
export * from './ndarray.ts'
export * from './node.ts'
export * from './read-file.ts'
export * from './shape.ts'
export * from './threefry.ts'
export * from './tree.ts'
