// @ts-check
// `npm run fuzz -- LOADER… [--runs N] [--seed S]`: bundles test/fuzz/main.ts and runs it; findings lie in .cache/fuzz.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
// a file of its own for every run, two folders deep as its source: test/golden is found from there
const outfile = join(root, 'test', 'fuzz', `.bundle-${process.pid}.mjs`)
await build({ entryPoints: [join(root, 'test/fuzz/main.ts')], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'warning' })
const { rmSync } = await import('node:fs')
try {
  const { status } = spawnSync(process.execPath, ['--max-old-space-size=1024', outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1 // null: ended by the watching thread, which said why
} finally {
  rmSync(outfile, { force: true })
}
