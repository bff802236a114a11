// Every op under vmap: all subsets of batched inputs, nested batches, batches of gradients and gradients of batches.
import { defineAspects } from './define.ts'

defineAspects(['vmap', 'vmap·grad'])
