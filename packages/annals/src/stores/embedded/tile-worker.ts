import { parentPort, workerData } from 'node:worker_threads'
import { answer } from './thread/answer.ts'
import { TileWriter } from './tile-writer.ts'

const { dir } = workerData as { readonly dir: string }

if (parentPort !== null) answer(parentPort, new TileWriter(dir), () => {})
