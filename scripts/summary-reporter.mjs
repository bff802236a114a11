// @ts-check
// A vitest reporter that closes every run with one plain line: `N passed, N failed[, N skipped]`.
// A file that fails to load, a failing suite hook and an unhandled error each count as one failure.

export default class Summary {
  #line = ''

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    let passed = 0
    let failed = unhandled.length
    let skipped = 0
    for (const module of modules) {
      const before = failed
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else skipped++
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length
      failed += module.errors().length
      if (failed === before && !module.ok()) failed++
    }
    if (this.#line === '') process.once('exit', () => process.stdout.write(this.#line))
    this.#line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
  }
}
