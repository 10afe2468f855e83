export { isKeyName } from '@annals/tlog'
export { logVerifiers } from './log-verifiers.ts'
export {
  Witness,
  type WitnessAnswer,
  type WitnessedHead,
  type WitnessMemory,
  type WitnessOptions,
} from './witness.ts'
export { createWitnessDirectory, openWitnessDirectory, type WitnessDirectory } from './witness-directory.ts'
export { type ServedWitness, type ServeWitnessOptions, serveWitness } from './witness-server.ts'
