// @ts-check
// A vitest reporter that closes every run with what failed, a line each, and one plain line: `N passed, N failed[, N skipped]`.
// A file that fails to load, a failing suite hook and an unhandled error each count as one failure.

/** At most so many failures are named: the rest is in the output above. */
const named = 40

export default class Summary {
  #text = ''

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<{ message: string }>} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    let passed = 0
    let skipped = 0
    /** @type {string[]} */
    const failed = []
    /** @param {string} where @param {{ message: string } | undefined} error */
    const fail = (where, error) => failed.push(`failed: ${where}: ${(error?.message ?? 'no reason given').split('\n', 1)[0]}`)
    for (const error of unhandled) fail('outside any test', error)
    for (const module of modules) {
      const before = failed.length
      for (const error of module.errors()) fail(module.relativeModuleId, error)
      for (const suite of module.children.allSuites()) for (const error of suite.errors()) fail(`${module.relativeModuleId} > ${suite.fullName}`, error)
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') fail(`${module.relativeModuleId} > ${test.fullName}`, errors[0])
        else skipped++
      }
      if (failed.length === before && !module.ok()) fail(module.relativeModuleId, undefined)
    }
    if (this.#text === '') process.once('exit', () => process.stdout.write(this.#text))
    const names = failed.slice(0, named).map((line) => `${line.slice(0, 300)}\n`)
    if (failed.length > named) names.push(`… and ${failed.length - named} more\n`)
    this.#text = `${names.join('')}${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
  }
}
