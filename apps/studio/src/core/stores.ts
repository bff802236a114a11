// One store a lab, kept while the page is open: going to another lab and back loses nothing.
import type { AnyLab } from './lab.ts'
import { Store } from './store.svelte.ts'

const stores = new Map<string, Store<unknown>>()

export function storeOf(lab: AnyLab): Store<unknown> {
  let store = stores.get(lab.id)
  if (store === undefined) stores.set(lab.id, (store = new Store(lab.initial)))
  return store
}
