/** A server on a log that is there, in a process of its own: `serving-child.ts DIR TENANT`. Tells its address and two keys. */
import { startServer } from '@annals/server'

const [, , dir = '', tenant = ''] = process.argv
const server = await startServer({
  dir,
  port: 0,
  log: { level: 'error' },
  limits: { rate: 1_000_000_000 },
})
const everything = await server.keys.create({ name: 'bench', role: 'operator' })
const ofTenant = await server.keys.create({ name: 'bench', role: 'tenant-admin', tenant })
process.send?.({ url: server.url, everything: everything.token, ofTenant: ofTenant.token })
process.once('disconnect', () => void server.close())
