// The address: #/lab?lang=ru&s=STATE. Reads it, writes it, without reloading the page.
export interface Address {
  readonly lab: string
  readonly params: URLSearchParams
}

export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return { lab: path, params: new URLSearchParams(query) }
}

export const route = $state<{ lab: string; code: string | null }>({ lab: '', code: null })

/** An address of a lab. */
export const addressOf = (lab: string, code: string | null = null): string => `#/${lab}${code === null ? '' : `?s=${code}`}`

/** Whether the address is still the one that was followed last: false between a move and its event, when it must not be overwritten. */
export function isFollowed(hash: string): boolean {
  const { lab, params } = readAddress(hash)
  return lab === route.lab && params.get('s') === route.code
}
