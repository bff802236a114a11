// The architecture rules themselves: one small tree holds every kind of forbidden import, and each is refused.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const TREE = {
  'tsconfig.json': '{}',
  'package.json': '{ "dependencies": { "commander": "*" }, "devDependencies": { "vitest": "*" } }',
  'test/helper.ts': '',
  // allowed: an arrow of the table; any room from a test; a type of a built-in in runtime
  'src/base/index.ts': 'export type B = 1',
  'src/base/b.test.ts': "import type { N } from '../nn/index.ts'\nexport type C = N",
  'src/compile/index.ts': "export type { B } from '../base/index.ts'",
  'src/runtime/native.ts': "export type F = typeof import('node:fs')",
  // refused
  'src/base/type.ts': "import type { N } from '../nn/index.ts'\nexport type C = N",
  'src/base/inline.ts': "export type C = import('../nn/index.ts').N",
  'src/nn/index.ts': "export type { Y } from './y.ts'\nexport type N = 1",
  'src/nn/y.ts': "import type { N } from './index.ts'\nexport type Y = N",
  'src/nn/dependency.ts': "import 'commander'",
  'src/compile/deep.ts': "import '../base/type.ts'",
  'src/tensor/built-in.ts': "import 'node:fs'",
  'src/runtime/dynamic.ts': "await import('node:fs')\nexport {}",
  'src/odd/index.ts': '',
  'src/index.ts': "import './odd/index.ts'",
  'src/cli/development.ts': "import 'vitest'",
  'src/cli/helper.ts': "import '../../test/helper.ts'",
  'src/cli/nowhere.ts': "import './gone.ts'",
  'examples/deep.ts': "import '../src/base/type.ts'",
}

test('every kind of forbidden import is refused, and nothing else', () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/rooms-'))
  try {
    for (const [name, text] of Object.entries(TREE)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), `${text}\n`)
    }
    const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
    const args = [tool, '--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'src', 'examples']
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    expect(stderr).toBe('')
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } }
    const refused = summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)
    expect([...new Set(refused)].sort()).toEqual([
      'examples/deep.ts: root-through-the-index',
      'src/base/inline.ts: room-base',
      'src/base/type.ts: room-base',
      'src/cli/development.ts: no-development-packages',
      'src/cli/helper.ts: nothing-outside',
      'src/cli/nowhere.ts: not-to-unresolvable',
      'src/compile/deep.ts: through-the-index',
      'src/index.ts: known-rooms',
      'src/index.ts: root-entry',
      'src/nn/dependency.ts: no-dependencies-in-the-core',
      'src/nn/index.ts: no-cycles',
      'src/runtime/dynamic.ts: runtime-loads-on-use',
      'src/tensor/built-in.ts: browser-safe',
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
