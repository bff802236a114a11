// What is named for training and is no task.
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { recipeHelp } from './commands/recipe-help.ts'
import { findRecipe } from './task.ts'

test.each([
  ['chras', /unknown task "chras"\. Did you mean chars\?/],
  ['LICENSE', /LICENSE is a file, no task.*gradus train chars LICENSE/],
  [resolve('LICENSE'), /LICENSE is no \.ts or \.js file/],
  ['nowhere.ts', /there is no file .*nowhere\.ts/],
])('%s', async (what, message) => expect(findRecipe(what)).rejects.toThrow(message))

test('the help of a task names its networks, their settings and its own options', () => {
  const help = recipeHelp('chars')!
  for (const said of ['Usage: gradus train chars FILE', '  gpt (default)', 'two LSTM layers of width 256; 8 epochs, batches of 32', '--tokenizer <characters|bpe>', 'what a token is (default characters)']) expect(help).toContain(said)
  expect(recipeHelp('cifar10')).not.toContain('Options of this task')
  expect(recipeHelp('constructor')).toBe(null)
})
