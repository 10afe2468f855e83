/**
 * How far apart the moments are at which a process is killed: every one with `ANNALS_CAMPAIGN=full`, else others each time, so that
 * many runs together try them all.
 */
export function nextMoment(about: number): number {
  return process.env['ANNALS_CAMPAIGN'] === 'full' ? 1 : 1 + Math.floor(Math.random() * (2 * about - 1))
}

/** A share of the rounds of a campaign. */
export function rounds(all: number): number {
  return process.env['ANNALS_CAMPAIGN'] === 'full' ? all : Math.ceil(all / 3)
}
