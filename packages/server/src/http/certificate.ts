import { readFile, stat } from 'node:fs/promises'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { AnnalsError } from 'annals/model'
import type { Logger } from 'pino'

/** How often the files are looked at, milliseconds. */
const LOOK_MS = 5_000

/** Files of a certificate. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** A certificate with its key, as PEM. */
export interface Pem {
  readonly cert: string
  readonly key: string
}

/** A certificate from files. It is read anew when they change, so that one that is renewed is served without a restart. */
export class Certificate {
  readonly #files: CertificateFiles
  readonly #log: Logger
  #pem: Pem
  #seen: string
  #server: Server | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(files: CertificateFiles, log: Logger, pem: Pem, seen: string) {
    this.#files = files
    this.#log = log
    this.#pem = pem
    this.#seen = seen
  }

  /** @throws AnnalsError ANNALS_INVALID when the files cannot be read, or do not belong together */
  static async load(files: CertificateFiles, log: Logger): Promise<Certificate> {
    return new Certificate(files, log, await pemOf(files), await lookAt(files))
  }

  get pem(): Pem {
    return this.#pem
  }

  /** Serves newer versions to whoever connects from then on. */
  follow(server: Server): void {
    this.#server = server
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) =>
        this.#log.error({ err: error }, 'the certificate was not looked at'),
      )
    }, LOOK_MS).unref()
  }

  /** Reads the files now. When they are no good, the certificate of before stays, and the log says so. */
  async reload(): Promise<void> {
    try {
      this.#pem = await pemOf(this.#files)
      this.#server?.setSecureContext({ ...this.#pem, minVersion: 'TLSv1.2' })
      this.#log.info('the certificate was read anew')
    } catch (error) {
      this.#log.error({ err: error }, 'the certificate stays as it was')
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const seen = await lookAt(this.#files)
    if (seen === this.#seen) return
    this.#seen = seen
    await this.reload()
  }
}

async function pemOf(files: CertificateFiles): Promise<Pem> {
  try {
    const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
    createSecureContext({ cert, key })
    return { cert, key }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AnnalsError('ANNALS_INVALID', `tls: the certificate cannot be used (${code ?? 'no PEM'}).`, {
      path: 'tls',
      cause,
      hint: 'tls.cert and tls.key name PEM files that belong together.',
    })
  }
}

async function lookAt({ cert, key }: CertificateFiles): Promise<string> {
  const seen = await Promise.all([cert, key].map(file => stat(file).catch(() => undefined)))
  return seen.map(one => `${one?.ino}:${one?.size}:${one?.mtimeMs}`).join(' ')
}
