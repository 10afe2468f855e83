import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ROUTES } from '../routes/index.ts'
import { VERSION } from '../status/version.ts'
import { serve } from '../testing/serve.ts'
import { openApiOf, pathOf } from './openapi.ts'

const COMMITTED = new URL('../../../../spec/http-v1.openapi.json', import.meta.url)

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, object>>
}

const document = openApiOf(ROUTES, VERSION) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

it('the committed document is the one of the routes; else run: npm run openapi', () => {
  expect(readFileSync(COMMITTED, 'utf8')).toBe(`${JSON.stringify(document, undefined, 2)}\n`)
})

it('the server answers it to everyone', async () => {
  await using server = await serve()
  const response = await server.ask('/v1/openapi.json', { token: null })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
  ])
  expect(await response.json()).toEqual(document)
})

it('every reference leads somewhere, and every operation has a name of its own', () => {
  const text = JSON.stringify(document)
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]*)"/g))
    expect(Object.keys(document.components.schemas)).toContain(name)
  expect(text).not.toMatch(/\$defs|"\$schema"/)
  const ids = Object.values(document.paths).flatMap(path => Object.values(path).map(one => one.operationId))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.sort()).toEqual(ROUTES.map(route => route.id).sort())
})

it('every part of a path is a parameter, and every route states what it answers', () => {
  for (const route of ROUTES) {
    const operation = document.paths[pathOf(route)]?.[route.method.toLowerCase()]
    const named = [...pathOf(route).matchAll(/\{(\w+)\}/g)].map(match => match[1])
    const declared = (operation?.parameters ?? []).filter(one => one.in === 'path').map(one => one.name)
    expect([route.id, declared.sort()]).toEqual([route.id, named.sort()])
    expect(Object.keys(operation?.responses ?? {}).length).toBeGreaterThan(1)
  }
})
