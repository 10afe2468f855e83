import type { FastifyInstance } from 'fastify'
import { HttpError } from './problem.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** JSON is parsed for routes with a schema; everything else comes as it is, for those who take it. */
export function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    const { route } = request.routeOptions.config
    const type = mediaType(request.headers['content-type'])
    if (route?.body !== 'raw') {
      readJson(payload, type, request.routeOptions.bodyLimit).then(value => done(null, value), done)
      return
    }
    if (route.consumes?.some(taken => taken === type || taken === '*/*') === false)
      done(notTaken(type, route.consumes))
    else done(null, payload)
  })
}

/** The value of a body; undefined when there is none. */
async function readJson(payload: AsyncIterable<Buffer>, type: string, limit: number): Promise<unknown> {
  if (type !== '' && type !== 'application/json' && !type.endsWith('+json'))
    throw notTaken(type, ['application/json'])
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of payload) {
    length += piece.length
    if (length > limit) throw new HttpError(413, 'ANNALS_LIMIT', `The body is larger than ${limit} bytes.`)
    pieces.push(piece)
  }
  if (length === 0) return undefined
  if (type === '') throw notTaken('', ['application/json'])
  try {
    return JSON.parse(UTF8.decode(Buffer.concat(pieces)))
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message
    throw new HttpError(400, 'ANNALS_INVALID', `The body is no JSON: ${why}`)
  }
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function notTaken(type: string, taken: readonly string[]): HttpError {
  return new HttpError(415, 'ANNALS_INVALID', `Content type ${JSON.stringify(type)} is not taken.`, {
    hint: `Send ${taken.join(' or ')}.`,
  })
}
