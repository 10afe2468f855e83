import { parentPort, workerData } from 'node:worker_threads'
import { KeyEncryption } from '../keys/key-encryption.ts'
import { layoutOf } from '../layout.ts'
import { DirectoryReader } from '../read/directory-reader.ts'
import { SharedState } from '../shared-state.ts'
import { answer } from '../thread/answer.ts'
import { StageKeys } from './stage-keys.ts'
import { StageService } from './stage-service.ts'

const { dir, shared, kek } = workerData as {
  readonly dir: string
  readonly shared: SharedArrayBuffer
  readonly kek: readonly [key: Uint8Array, before: Uint8Array | undefined]
}
const layout = layoutOf(dir)
const service = new StageService(
  new DirectoryReader(layout, new SharedState(shared)),
  new StageKeys(layout, new KeyEncryption(...kek)),
)

if (parentPort !== null) answer(parentPort, service, () => service.close())
