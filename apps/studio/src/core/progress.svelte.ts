// Which checks were passed, kept by the browser.
import { recall, remember } from './view-options.svelte.ts'

const KEY = 'passed'
export const progress = $state<{ passed: readonly string[] }>({ passed: [] })

export function loadProgress(): void {
  progress.passed = (recall(KEY) ?? '').split(' ').filter((x) => x !== '')
}
export function markPassed(lab: string, check: string): void {
  const id = `${lab}/${check}`
  if (progress.passed.includes(id)) return
  progress.passed = [...progress.passed, id]
  remember(KEY, progress.passed.join(' '))
}
export const passedIn = (lab: string): number => progress.passed.filter((id) => id.startsWith(`${lab}/`)).length
