import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'
import { answer } from '../thread/answer.ts'
import { openChecker } from './checker.ts'
import type { PieceSettings } from './piece.ts'

const checker = await openChecker(workerData as PieceSettings)
answer(parentPort as MessagePort, checker, () => checker.close())
