import { toBase64 } from '@annals/tlog'
import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'
import { wholeNumber } from './parameters.ts'

const size = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** Proof that the log only grew. */
export const getConsistency: Route = defineRoute({
  id: 'getConsistency',
  method: 'GET',
  path: '/v1/consistency',
  tag: 'proofs',
  summary: 'Proof that a larger log extends a smaller one',
  permission: 'verify',
  query: z.strictObject({
    from: size.describe('Entries of the smaller log.'),
    to: size.optional().describe('Entries of the larger one; those of the latest checkpoint unless told.'),
  }),
  responses: {
    200: {
      description:
        'An RFC 6962 consistency proof, with the checkpoints over these sizes that the log has kept.',
      schema: z.strictObject({
        from: z.int().min(0),
        to: z.int().min(0),
        hashes: z.array(z.base64()).describe('In order, 32 bytes each.'),
        old: z.string().optional().describe('Signed note over `from` entries.'),
        new: z.string().optional().describe('Signed note over `to` entries.'),
        requestId: z.string(),
      }),
    },
  },
  async handle({ query, id }, { trail }) {
    const proof = await trail.consistency(query.from, query.to)
    const note = (bytes: Uint8Array | undefined): string | undefined =>
      bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
    return {
      json: {
        from: proof.from,
        to: proof.to,
        hashes: proof.hashes.map(toBase64),
        old: note(proof.old),
        new: note(proof.new),
        requestId: id,
      },
    }
  },
})
