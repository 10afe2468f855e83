import { join } from 'node:path'
import { bundleThreads } from './bundle.ts'

// Takes the place of what the compiler wrote there.
await bundleThreads(join(import.meta.dirname, '../../packages/annals/dist'))
