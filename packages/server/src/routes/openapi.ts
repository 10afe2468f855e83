import { defineRoute, type Route } from '../http/route.ts'

/** What can be asked, and how. */
export const openapi: Route = defineRoute({
  id: 'openapi',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'status',
  summary: 'This document',
  responses: { 200: { description: 'OpenAPI 3.1.', type: 'application/json' } },
  handle: async (_call, { document }) => ({
    type: 'application/json',
    bytes: document,
    headers: { 'Cache-Control': 'public, max-age=300' },
  }),
})
