/**
 * How safe a record is. `queued`: accepted in memory or a spool. `stored`: durable, with a position. `proved`: covered by a
 * signed checkpoint. `witnessed`: that checkpoint is cosigned by the policy's quorum.
 */
export type Durability = 'queued' | 'stored' | 'proved' | 'witnessed'
