import type { RpcMethod } from '../method.ts'
import { eventsGet } from './events-get.ts'
import { eventsSubscribe } from './events-subscribe.ts'
import { eventsUnsubscribe } from './events-unsubscribe.ts'
import { metricsGet } from './metrics-get.ts'
import { metricsSubscribe } from './metrics-subscribe.ts'
import { metricsUnsubscribe } from './metrics-unsubscribe.ts'
import { rpcPing } from './rpc-ping.ts'

/** Every method: adding one is one file here and one line below. */
export const METHODS: readonly RpcMethod[] = [
  eventsGet,
  eventsSubscribe,
  eventsUnsubscribe,
  metricsGet,
  metricsSubscribe,
  metricsUnsubscribe,
  rpcPing,
]
