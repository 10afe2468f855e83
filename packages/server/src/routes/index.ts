import type { Route } from '../http/route.ts'
import { getCatalog } from './catalog.ts'
import { getCheckpoint } from './checkpoint.ts'
import { getConsistency } from './consistency.ts'
import { countEvents } from './count.ts'
import { getEntity } from './entity-get.ts'
import { getEntityState } from './entity-state.ts'
import { getEvent } from './events-get.ts'
import { listEvents } from './events-list.ts'
import { getReceipt } from './events-receipt.ts'
import { recordEvents } from './events-record.ts'
import { getRelatedEvents } from './events-related.ts'
import { streamEvents } from './events-stream.ts'
import { exportEvents } from './export.ts'
import { getExportManifest } from './export-manifest.ts'
import { getFacets } from './facets.ts'
import { health } from './health.ts'
import { getHistogram } from './histogram.ts'
import { listActs } from './lifecycle-acts.ts'
import { exportEvidence } from './lifecycle-evidence.ts'
import { listHolds } from './lifecycle-holds.ts'
import { performAct } from './lifecycle-perform.ts'
import { exportPerson } from './lifecycle-subject.ts'
import { openapi } from './openapi.ts'
import { getOperation } from './operations-get.ts'
import { prometheus } from './prometheus.ts'
import { ready } from './ready.ts'
import { rpc } from './rpc.ts'
import { getStatus } from './status.ts'
import { getTile } from './tile.ts'
import { createToken } from './tokens-create.ts'
import { listTokens } from './tokens-list.ts'
import { revokeToken } from './tokens-revoke.ts'
import { mintViewerToken } from './viewer-tokens-mint.ts'
import { revokeViewerTokens } from './viewer-tokens-revoke.ts'
import { whoami } from './whoami.ts'

/** Every operation of the API: adding one is one file here and one line below. */
export const ROUTES: readonly Route[] = [
  listEvents,
  getEvent,
  getRelatedEvents,
  getReceipt,
  getOperation,
  countEvents,
  getFacets,
  getHistogram,
  getEntity,
  getEntityState,
  exportEvents,
  getExportManifest,
  getCatalog,
  recordEvents,
  streamEvents,
  rpc,
  getCheckpoint,
  getTile,
  getConsistency,
  listActs,
  listHolds,
  performAct,
  exportEvidence,
  exportPerson,
  listTokens,
  createToken,
  revokeToken,
  mintViewerToken,
  revokeViewerTokens,
  whoami,
  getStatus,
  prometheus,
  openapi,
  health,
  ready,
]
