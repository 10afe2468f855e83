import type { Trail } from 'annals'
import type { Output } from '../output/output.ts'
import type { ServerPlace } from './place.ts'

/** The log of a server, as a trail. Nothing is asked yet. */
export async function openServer({ endpoint, token }: ServerPlace, output: Output): Promise<Trail> {
  const { openRemote } = await import('annals/remote')
  return await openRemote({
    url: endpoint,
    token,
    onError: error => output.complain(`warning: ${error.message}`),
  })
}
