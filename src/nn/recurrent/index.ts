// Recurrent layers.
export type { CellWeights } from './cells.ts'
export { GRU, LSTM, type LSTMOptions, type LSTMState, RNN, type RecurrentCall, type RecurrentResult } from './layers.ts'
export type { Direction, Lengths, RecurrentOptions } from './recurrent.ts'
