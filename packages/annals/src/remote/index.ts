export type { TokenSource } from './http-client.ts'
export {
  openRemote,
  type RemoteOptions,
  type RemoteTrail,
  type SpoolOptions,
} from './open-remote.ts'
