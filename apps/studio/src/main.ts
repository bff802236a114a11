// Starts the Studio: language, theme and mode from the address or from the last visit; then the page.
import { mount } from 'svelte'
import App from './app.svelte'
import { LANGS, type Lang, language } from './core/language.svelte.ts'
import { loadProgress } from './core/progress.svelte.ts'
import { readAddress } from './core/route.svelte.ts'
import { type Theme, recall, view } from './core/view-options.svelte.ts'
import './style.css'

const { params } = readAddress(location.hash)
const asked = (key: string): string | null => new URLSearchParams(location.search).get(key) ?? params.get(key)

const lang = asked('lang') ?? recall('lang') ?? (navigator.language.startsWith('en') ? 'en' : 'ru')
if (LANGS.includes(lang as Lang)) language.lang = lang as Lang
const theme = asked('theme') ?? recall('theme')
if (theme === 'light' || theme === 'dark') view.theme = theme satisfies Theme
view.teacher = asked('teacher') === '1'
view.embed = asked('embed') === '1'
view.bare = asked('controls') === '0'
loadProgress()

mount(App, { target: document.getElementById('app')! })

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('./sw.js').catch(() => undefined) // not offered everywhere: then online only
}
