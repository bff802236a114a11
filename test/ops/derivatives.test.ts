// Every differentiable op: first and second derivatives, forward and reverse, against finite differences and between devices.
import { defineAspects } from './define.ts'

defineAspects(['grad', 'grad²'])
