// Svelte's compiler: runes everywhere; a complaint about accessibility is an error.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default {
  preprocess: vitePreprocess({ script: true }),
  compilerOptions: { runes: true },
}
