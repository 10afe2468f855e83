import { parentPort, workerData } from 'node:worker_threads'
import { layoutOf } from '../layout.ts'
import { SharedState } from '../shared-state.ts'
import { answer } from '../thread/answer.ts'
import { DirectoryReader } from './directory-reader.ts'

const { dir, shared } = workerData as { readonly dir: string; readonly shared: SharedArrayBuffer }
const reader = new DirectoryReader(layoutOf(dir), new SharedState(shared))

if (parentPort !== null) answer(parentPort, reader, () => reader.close())
