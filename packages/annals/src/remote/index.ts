export type { SpoolOptions } from '../record/spool/open-spool.ts'
export type { TokenSource } from './http-client.ts'
export {
  openRemote,
  type RemoteOptions,
  type RemoteTrail,
} from './open-remote.ts'
