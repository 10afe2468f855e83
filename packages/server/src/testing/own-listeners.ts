import { setTimeout as delay } from 'node:timers/promises'
import type { RunningServer } from '../start-server.ts'

/** Live readers that a server has for itself, from its start on: it follows what its log says of gaps. */
export async function ownListeners({ trail }: Pick<RunningServer, 'trail'>): Promise<number> {
  while (trail.listeners === 0) await delay(5)
  return trail.listeners
}
