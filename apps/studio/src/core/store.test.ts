import { afterEach, expect, test, vi } from 'vitest'
import { Store } from './store.svelte.ts'

afterEach(() => void vi.useRealTimers())

test('undo and redo walk the states; a new change forgets what was undone', () => {
  const store = new Store({ x: 0 })
  store.patch({ x: 1 })
  store.patch({ x: 2 })
  store.undo()
  expect(store.state.x).toBe(1)
  store.redo()
  expect(store.state.x).toBe(2)
  store.undo()
  store.patch({ x: 5 })
  expect(store.canRedo).toBe(false)
  store.undo()
  store.undo()
  expect(store.state.x).toBe(0)
  store.undo()
  expect(store.canUndo).toBe(false)
})

test('a drag is one step, a pause begins another', () => {
  vi.useFakeTimers()
  const store = new Store({ x: 0 })
  for (let x = 1; x <= 10; x++) store.patch({ x }, 'drag')
  expect(store.steps).toBe(1)
  vi.advanceTimersByTime(2000)
  store.patch({ x: 20 }, 'drag')
  expect(store.steps).toBe(2)
  store.undo()
  expect(store.state.x).toBe(10)
  store.undo()
  expect(store.state.x).toBe(0)
})

test('reset can be undone', () => {
  const store = new Store({ x: 0 })
  store.patch({ x: 3 })
  store.reset()
  expect(store.isInitial).toBe(true)
  store.undo()
  expect(store.state.x).toBe(3)
})
