// The languages there are.
export type Lang = 'ru' | 'en'
