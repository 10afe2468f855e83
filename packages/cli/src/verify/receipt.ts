import { open, readFile, stat } from 'node:fs/promises'
import type { Verifiable } from './kind.ts'

/** First line of every tlog-proof. */
const FIRST_LINE = 'c2sp.org/tlog-proof@v1\n'

/** A receipt in a file, as `annals proof` prints it. */
export const receipt: Verifiable = {
  what: 'receipt',
  async recognises(path) {
    const kind = await stat(path).catch(() => undefined)
    if (kind?.isFile() !== true) return false
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE.length), 0, FIRST_LINE.length, 0)
      return buffer.toString('latin1', 0, bytesRead) === FIRST_LINE
    } finally {
      await file.close()
    }
  },
  async verify({ path, trust }) {
    const { verifyReceipt } = await import('annals')
    const { ok, event, checkpoint, findings, claim } = await verifyReceipt(await readFile(path), trust)
    const { size = 0, root = '' } = checkpoint ?? {}
    return { ok, size, root, checked: ok ? 1 : 0, erased: 0, findings, claim, ...(event && { event }) }
  },
}
