import { parentPort, workerData } from 'node:worker_threads'
import { answer } from '../thread/answer.ts'
import { ChunkKeeper } from './chunk-keeper.ts'

const { dir, shared } = workerData as { readonly dir: string; readonly shared: SharedArrayBuffer }

if (parentPort !== null) answer(parentPort, new ChunkKeeper(dir, shared), () => {})
