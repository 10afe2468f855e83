import type { Route } from '../http/route.ts'
import { listEvents } from './events-list.ts'
import { health } from './health.ts'

/** Every operation of the API: adding one is one file here and one line below. */
export const ROUTES: readonly Route[] = [listEvents, health]
