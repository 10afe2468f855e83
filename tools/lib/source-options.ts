/** Option of Node.js under which types are stripped beforehand, and not by every thread. */
export const STRIP: string = `--import=${new URL('../strip/hook.js', import.meta.url).href}`

/** Options of Node.js under which sources run as they are. */
export const SOURCE_OPTIONS: readonly string[] = [
  '--conditions=annals-source',
  '--disable-warning=ExperimentalWarning',
  STRIP,
]
