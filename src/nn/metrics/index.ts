// Metrics beside the loss.
export { type F1Options, bitsPerByte, f1Score, perplexity, rocAuc, topKCount } from './classification.ts'
export { type BleuOptions, bleu, characterErrorRate, editDistance, wordErrorRate } from './text.ts'
