import type { AuditEvent } from '../model/index.ts'
import type { EventType } from './event-type.ts'

/** Brings `data` from one version to the latest; throws what an upcaster throws. */
export function upcastData(type: EventType, version: number, data: unknown): unknown {
  let shaped = data
  for (let older = version; older < type.version; older += 1) shaped = type.upcast[older]?.(shaped)
  return shaped
}

/** The event with its data in the latest shape. An upcaster that throws leaves the event as it is: its version says so. */
export function latestShape<E extends Pick<AuditEvent, 'action' | 'version' | 'data'>>(
  type: EventType | undefined,
  event: E,
): E {
  if (type === undefined || event.version >= type.version || event.data === undefined) return event
  if (type.upcast[event.version] === undefined) return event
  try {
    // Upcasters may mutate what they are given; the event must stay what was stored.
    const data = upcastData(type, event.version, structuredClone(event.data))
    return { ...event, version: type.version, data }
  } catch {
    return event
  }
}
