// What a plot gives to the marks and handles inside it.
import type { ScaleContinuousNumeric } from 'd3-scale'
import { getContext, setContext } from 'svelte'

export interface PlotSpace {
  readonly x: ScaleContinuousNumeric<number, number>
  readonly y: ScaleContinuousNumeric<number, number>
  readonly width: number
  readonly height: number
  /** The data point under a pointer. */
  readonly at: (event: PointerEvent | MouseEvent) => readonly [number, number]
}

const KEY = Symbol('plot')
export const providePlot = (space: PlotSpace): PlotSpace => setContext(KEY, space)
export const usePlot = (): PlotSpace => getContext<PlotSpace>(KEY)
