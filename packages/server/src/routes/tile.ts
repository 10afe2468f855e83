import { z } from 'zod'
import { requireUnfiltered } from '../access/whole-scope.ts'
import { defineRoute, type Route } from '../http/route.ts'

/** Hashes at a place of the tree never change. */
const FOR_EVER = 'private, max-age=31536000, immutable'
/** Entries go when they are past their retention; who keeps copies should not keep them for long. */
const FOR_AN_HOUR = 'private, max-age=3600'

/** Tiles of the tree and bundles of entries, at their paths of C2SP tlog-tiles. */
export const getTile: Route = defineRoute({
  id: 'getTile',
  method: 'GET',
  path: '/v1/tile/*',
  tag: 'proofs',
  summary: 'A tile of the tree, or a bundle of entries (C2SP tlog-tiles)',
  permission: 'verify',
  params: z.strictObject({
    '*': z.string().max(64).describe('`<L>/<N>[.p/<W>]`, or `entries/<N>[.p/<W>]`: such as `0/x001/067`.'),
  }),
  responses: {
    200: {
      description:
        'Hashes, or entries. Entries hold no personal data, but of every event its action and outcome: they take an operator who sees the whole log; the scope `verify` of a key is enough.',
      type: 'application/octet-stream',
    },
  },
  async handle({ params, principal }, { trail }) {
    const path = params['*']
    const isBundle = path.startsWith('entries/')
    if (isBundle) requireUnfiltered(principal)
    const bytes = await trail.tile(`tile/${path}`)
    const headers = { 'Cache-Control': isBundle ? FOR_AN_HOUR : FOR_EVER, Vary: 'Authorization' }
    return { type: 'application/octet-stream', bytes, headers }
  },
})
