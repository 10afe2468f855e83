import { z } from 'zod'

/** Bytes of a body, and of one line of NDJSON. */
const MIB = 1024 * 1024

/** Every setting of the server: one schema for flags, environment and file. Unknown keys are refused. */
export const settingsSchema = z.strictObject({
  /** Directory of the log. */
  dir: z.string().min(1),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 for any free port. */
  port: z.int().min(0).max(65_535).default(8377),
  limits: z
    .strictObject({
      /** Largest body in bytes, of batches too. */
      body: z
        .int()
        .min(1024)
        .max(1024 * MIB)
        .default(16 * MIB),
      /** Requests a minute for one credential, or one address without. */
      rate: z.int().min(1).default(6_000),
      /** Live streams at a time for one credential. */
      streams: z.int().min(1).default(2_000),
      /** Seconds in which a request must have arrived whole. */
      requestSeconds: z.int().min(1).max(3600).default(60),
    })
    .prefault({}),
  /** Origins that pages may ask from. */
  cors: z.array(z.string()).default([]),
  /** Addresses or networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies: z.array(z.string()).default([]),
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info') })
    .prefault({}),
})

/** Settings, complete. */
export type Settings = z.output<typeof settingsSchema>
