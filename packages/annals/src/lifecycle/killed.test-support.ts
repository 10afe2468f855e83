import { openEmbedded } from '../stores/embedded/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { stepping } from './steps.test-support.ts'

// A process of its own: serves the inbox of a directory, and dies before a step of the first erasure it is asked for.

const [dir = '', step] = process.argv.slice(2)
let armed = false
const store = stepping(await openEmbedded({ dir }), next => {
  if (next === 'keys.retire') armed = true
  if (armed && next === step) process.kill(process.pid, 'SIGKILL')
})
await openTrail({ store })
setInterval(() => {}, 1_000)
