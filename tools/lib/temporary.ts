import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary directory that goes away with its scope. */
export interface Temporary extends Disposable {
  readonly path: string
}

/**
 * Makes a temporary directory. The name is short: sockets below it must fit 107 bytes.
 *
 * @example
 * ```ts
 * using place = temporary('pack')
 * ```
 */
export function temporary(purpose: string): Temporary {
  const path = mkdtempSync(join(tmpdir(), `annals-${purpose}-`))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}
