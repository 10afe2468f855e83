/** Performs one act on a log that nobody writes: argv is DIR, the name of the act, and its arguments as JSON. Says `done` at the end. */
import { openEmbedded } from 'annals/stores/embedded'

const [dir = '', act = '', given = '[]'] = process.argv.slice(2)
const store = await openEmbedded({ dir })
const method = store.log[act as 'seal' | 'thin' | 'drop'] as (...args: unknown[]) => Promise<unknown>
await method.apply(store.log, JSON.parse(given) as unknown[])
await store.close()
process.stdout.write('done\n')
