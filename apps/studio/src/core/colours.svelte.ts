// The colours of pictures drawn pixel by pixel, as the theme has them: paper, ink, above zero, below zero.
import { view } from './view-options.svelte.ts'

export type Rgb = readonly [number, number, number]
interface Colours {
  readonly paper: Rgb
  readonly ink: Rgb
  readonly plus: Rgb
  readonly minus: Rgb
}
const LIGHT: Colours = { paper: [255, 255, 255], ink: [27, 29, 35], plus: [31, 95, 168], minus: [194, 87, 12] }
const DARK: Colours = { paper: [20, 22, 27], ink: [233, 230, 223], plus: [125, 177, 242], minus: [240, 160, 106] }

// not in the tests without a browser
const query = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null
let dark = $state(query?.matches ?? false)
query?.addEventListener('change', (event) => (dark = event.matches))

export const colours = (): Colours => (!view.printing && (view.theme === 'dark' || (view.theme === 'auto' && dark)) ? DARK : LIGHT)
/** From one colour to another. */
export const mixed = (from: Rgb, to: Rgb, share: number): Rgb => [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share]
