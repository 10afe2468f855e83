import type { RequestOptions } from '../../adapters/request/options.ts'
import type { Draft } from '../../model/index.ts'
import type { Trail } from '../../trail/trail.ts'

/**
 * The service that an adapter is tried with. Each of these routes calls `ran` with its template first:
 *
 * - `POST /v1/machine/{id}/free` answers 200 with JSON `{ correlationId, operation }` of its audit; of a request without one both absent
 * - `GET /v1/machine/{id}` answers 200
 * - `POST /v1/machine/find` answers 200
 * - `DELETE /v1/machine/{id}` adds {@link ADDED} to its audit, records `disk.wipe` in the trail, answers 204
 * - `POST /v1/echo` answers 200 with the bytes of its body, as `application/octet-stream`, read by the means of the framework
 * - `POST /v1/json` answers 200 with its JSON body as JSON, read by the means of the framework
 * - `POST /v1/fail` throws an Error whose message is {@link FAILURE}; the framework answers 500
 * - `POST /v1/hang` never answers
 * - `POST /v1/forbidden` answers 403
 * - `POST /guarded` is answered 401 before any route is looked for, and never calls `ran`
 */
export interface TriedService {
  readonly url: string
  close(): Promise<void>
}

/** How the suite has the service started. */
export interface ServiceOptions {
  readonly trail: Trail
  /** Handed to the adapter as they are. */
  // biome-ignore lint/suspicious/noExplicitAny: the request is the framework's
  readonly options: RequestOptions<any>
  readonly ran: (route: string) => void
}

/** What the handler of `DELETE /v1/machine/{id}` adds. */
export const ADDED: Pick<Draft, 'targets' | 'changes'> = {
  targets: [{ type: 'machine', id: 'm7' }],
  changes: [{ op: 'replace', path: '/state', before: 'on', after: 'gone' }],
}

/** The message of the error that `POST /v1/fail` throws: there is a secret in it. */
export const FAILURE: string = 'no disk left: password=hunter2'
