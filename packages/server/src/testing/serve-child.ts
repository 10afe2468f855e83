// Serves as `annals serve` does, in a process of its own: settings by the environment, one line on standard output.
import { runServer } from '../run-server.ts'
import { loadSettings } from '../settings/load.ts'

const ended = await runServer(await loadSettings({ env: process.env }), ({ url, key }) => {
  process.stdout.write(`${JSON.stringify({ url, key })}\n`)
})
process.stdout.write(`${JSON.stringify(ended)}\n`)
