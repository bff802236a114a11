// How the Studio is shown: theme, teacher mode, embedded, with or without controls. From the address, else remembered.
export type Theme = 'auto' | 'light' | 'dark'

export const view = $state<{ theme: Theme; teacher: boolean; embed: boolean; bare: boolean; reveal: boolean; printing: boolean }>({
  theme: 'auto',
  teacher: false,
  embed: false,
  bare: false,
  reveal: false,
  printing: false,
})

/** How much larger all is in teacher mode (the type in style.css): pictures keep their own measures and are shown so much larger. */
export const zoom = (): number => (view.teacher ? 22 / 17 : 1)

/** What the browser keeps between visits; silently nothing where that is forbidden. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`studio.${key}`, value)
  } catch {
    // private mode
  }
}
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`studio.${key}`)
  } catch {
    return null
  }
}
