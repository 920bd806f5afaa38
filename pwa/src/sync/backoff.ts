/** How long to wait after failures in a row: full jitter, 1 s to 5 min, so that phones that lost a server together do not come back together. */
const LEAST = 1_000
const MOST = 300_000

/** failures: before this one. chance: uniform in [0, 1). */
export const backOff = (failures: number, chance: () => number): number =>
  LEAST + chance() * (Math.min(MOST, LEAST * 2 ** (failures + 1)) - LEAST)
