import { defineRoute, type Route } from '../http/route.ts'

/** Metrics of the server. */
export const prometheus: Route = defineRoute({
  id: 'prometheus',
  method: 'GET',
  path: '/metrics',
  tag: 'status',
  summary: 'Metrics for Prometheus',
  permission: 'operate',
  isOpen: settings => settings.metrics.public,
  responses: { 200: { description: 'The text format of Prometheus.', type: 'text/plain' } },
  async handle(_call, { metrics }) {
    const { type, text } = await metrics.text()
    return { type, bytes: text }
  },
})
