// Every op of the table on every device: values against the reference, jit against eager.
import { defineAspects } from './define.ts'

defineAspects(['value', 'jit'])
