import { constants, setPriority } from 'node:os'

/**
 * Lets the other threads of the process go before this one. On Linux 0 means the calling thread; elsewhere nothing is done, for it
 * would be the whole process.
 */
export function yieldToOthers(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, constants.priority.PRIORITY_LOW)
  } catch {
    // Not allowed, as in some containers: the work is only less polite.
  }
}
