// Stands in for winograd-batch.ts in browsers: vectors of four gain nothing from the batch innermost, and no program there
// asks for it (directConvs in batch-last.ts). The kernel of single images computes the same.
export { winogradConv as winogradBatch } from './winograd-conv.ts'
