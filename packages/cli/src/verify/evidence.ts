import type { Verifiable } from './kind.ts'

/** A directory that `annals evidence` wrote. */
export const evidence: Verifiable = {
  what: 'evidence bundle',
  async recognises(path) {
    const { isEvidence } = await import('annals')
    return await isEvidence(path)
  },
  async verify({ path, trust, onProgress }) {
    const { verifyEvidence } = await import('annals')
    return await verifyEvidence(path, { ...trust, onProgress })
  },
}
