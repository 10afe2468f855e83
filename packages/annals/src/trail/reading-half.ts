import type { AuditEvent } from '../model/index.ts'
import type { EventStream } from './event-stream.ts'
import type { ReadSide } from './read-side.ts'
import type { CatalogListing, Counts, EventsOptions, FindOptions, Found, ReadOptions } from './trail.ts'

/** What a writing trail and a reader of a directory answer alike. */
export abstract class ReadingHalf {
  protected readonly readSide: ReadSide

  constructor(readSide: ReadSide) {
    this.readSide = readSide
  }

  abstract close(): Promise<void>

  get size(): number {
    return this.readSide.size
  }

  events(query?: string, options?: EventsOptions): EventStream {
    return this.readSide.events(query, options)
  }

  find(query?: string, options?: FindOptions): Promise<Found> {
    return this.readSide.find(query, options)
  }

  count(query?: string, by?: readonly string[], options?: ReadOptions): Promise<Counts> {
    return this.readSide.count(query, by, options)
  }

  get(at: string | number): Promise<AuditEvent | undefined> {
    return this.readSide.get(at)
  }

  describe(event: AuditEvent): string {
    return this.readSide.describe(event)
  }

  catalog(): Promise<readonly CatalogListing[]> {
    return this.readSide.catalog()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
