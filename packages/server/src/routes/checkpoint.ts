import { AnnalsError } from 'annals/model'
import { defineRoute, type Route } from '../http/route.ts'

/** The latest signed checkpoint. */
export const getCheckpoint: Route = defineRoute({
  id: 'getCheckpoint',
  method: 'GET',
  path: '/v1/checkpoint',
  tag: 'proofs',
  summary: 'The latest signed checkpoint',
  permission: 'verify',
  responses: { 200: { description: 'A C2SP signed note.', type: 'text/plain; charset=utf-8' } },
  async handle({ reader }) {
    const note = await reader.checkpoint()
    if (note === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.')
    return { type: 'text/plain; charset=utf-8', bytes: note }
  },
})
