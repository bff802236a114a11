// In pages nothing is kept on disk: tile-cache.ts as bundles for browsers have it (the field `browser` of package.json).
export const machineKey = (device: string): string => device
export const readTile = (): null => null
export const writeTile = (): void => undefined
