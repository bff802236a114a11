/** The version of this package: what was measured by one version is not believed by another. */
export const VERSION = '0.1.0'
