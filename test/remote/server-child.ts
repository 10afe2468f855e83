import { startServer } from '@annals/server'

// A server in a process of its own, to be killed: `server-child.ts DIR PORT`. Tells its address, and its key when it has just made one.
const [dir = '', port = '0'] = process.argv.slice(2)
const server = await startServer({ dir, port: Number(port), log: { level: 'silent' } })
process.send?.({ url: server.url, key: server.key })
