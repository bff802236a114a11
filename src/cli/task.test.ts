// What is named for training and is no task.
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { findRecipe } from './task.ts'

test.each([
  ['chras', /unknown task "chras"\. Did you mean chars\?/],
  ['LICENSE', /LICENSE is a file, no task.*gradus train chars LICENSE/],
  [resolve('LICENSE'), /LICENSE is no \.ts or \.js file/],
  ['nowhere.ts', /there is no file .*nowhere\.ts/],
])('%s', async (what, message) => expect(findRecipe(what)).rejects.toThrow(message))
