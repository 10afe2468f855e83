import { exportSubject } from 'annals'
import { z } from 'zod'
import { requireWhole } from '../access/whole-scope.ts'
import { defineRoute, type Route } from '../http/route.ts'

const identifier = z.string().min(1).max(512)

/** Everything that the log holds about a person. */
export const exportPerson: Route = defineRoute({
  id: 'exportPerson',
  method: 'GET',
  path: '/v1/lifecycle/subjects/:type/:id',
  tag: 'lifecycle',
  summary: 'Everything that the log holds about a person',
  permission: 'export',
  params: z.strictObject({
    type: identifier.describe('Type of the person, such as `user`.'),
    id: identifier.describe('Id of the person.'),
  }),
  responses: {
    200: {
      description: 'A line for each event, `{event, parts, sentence}`, and at last `{summary}`.',
      type: 'application/x-ndjson',
    },
  },
  async handle({ params: person, principal }, { reading, settings }) {
    requireWhole(principal)
    await reading.record(principal, 'export', { form: 'subject', subject: `${person.type}/${person.id}` })
    return { type: 'application/x-ndjson', stream: lines(settings.dir, person) }
  },
})

async function* lines(
  dir: string,
  person: { readonly type: string; readonly id: string },
): AsyncGenerator<string> {
  const found = exportSubject({ dir, person })
  try {
    for (;;) {
      const next = await found.next()
      yield `${JSON.stringify(next.done === true ? { summary: next.value } : next.value)}\n`
      if (next.done === true) return
    }
  } finally {
    await found.return(undefined as never)
  }
}
