// The languages of the Studio, for tests that run without its compiler.
export const LANGS = ['ru', 'en'] as const
