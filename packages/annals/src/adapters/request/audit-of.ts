import type { RequestAudit } from './captured-request.ts'

const audits = new WeakMap<object, { readonly audit: RequestAudit | undefined }>()

/**
 * The audit of the request that is being handled: its ids, and the place to add what the handler finds out. Undefined when the
 * request is not recorded.
 *
 * @param request what the framework calls the request, as the handler got it
 * @example
 * ```ts
 * app.delete('/machine/:id', (req, res) => {
 *   auditOf(req)?.add({ targets: [{ type: 'machine', id: req.params.id }] })
 *   res.sendStatus(204)
 * })
 * ```
 */
export function auditOf(request: object): RequestAudit | undefined {
  return audits.get(request)?.audit
}

/** Makes the audit of a request known by what a framework calls the request. */
export function bindAudit(request: object, exchange: { readonly audit: RequestAudit | undefined }): void {
  audits.set(request, exchange)
}
