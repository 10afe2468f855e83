import { type LocalTrail, openTrail } from 'annals'
import { openMemory } from 'annals/stores/memory'

/** A trail in memory: real, and gone with the test. */
export async function memoryTrail(): Promise<LocalTrail> {
  return (await openTrail({ store: await openMemory() })) as LocalTrail
}
