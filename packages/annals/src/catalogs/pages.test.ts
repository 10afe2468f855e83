import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { catalog } from '../catalog/index.ts'
import { catalogPage } from '../formats/catalog-page.ts'
import { instances } from './instances.ts'
import { warehouse } from './warehouse.ts'

const PAGES = resolve(import.meta.dirname, '../../../../docs/reference/catalogs')

it.each([
  { name: 'instances', title: 'Events of a service that manages instances', made: catalog(instances) },
  { name: 'warehouse', title: 'Events of a package index', made: catalog(warehouse) },
])('the page of $name is the generated one', async ({ name, title, made }) => {
  const comment = `Generated from packages/annals/src/catalogs/${name}.ts; do not edit. Anew: npx vitest run packages/annals/src/catalogs/pages -u`
  const { types, retention } = made
  await expect(catalogPage({ title, types, retention, comment })).toMatchFileSnapshot(`${PAGES}/${name}.md`)
})
