import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'

/** Names of the acts. */
export const listActs: Route = defineRoute({
  id: 'listActs',
  method: 'GET',
  path: '/v1/lifecycle/acts',
  tag: 'lifecycle',
  summary: 'What can be done to the log as a whole',
  permission: 'operate',
  responses: {
    200: {
      description: 'Names of the acts.',
      schema: z.strictObject({ acts: z.array(z.strictObject({ name: z.string() })), requestId: z.string() }),
    },
  },
  handle: async ({ id }, { acts }) => ({
    json: { acts: acts.names.map(name => ({ name })), requestId: id },
  }),
})
