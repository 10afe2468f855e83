import { parentPort, workerData } from 'node:worker_threads'
import { layoutOf } from '../layout.ts'
import { answer } from '../thread/answer.ts'
import { KeyEncryption } from './key-encryption.ts'
import { VaultService } from './vault-service.ts'

const { dir, kek } = workerData as {
  readonly dir: string
  readonly kek: readonly [key: Uint8Array, before: Uint8Array | undefined]
}
const vault = new VaultService(layoutOf(dir), new KeyEncryption(...kek))

if (parentPort !== null) answer(parentPort, vault, () => vault.close())
