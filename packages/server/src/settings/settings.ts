import { z } from 'zod'
import { archiveSchema } from './archive-setting.ts'
import { liveSchema } from './live-setting.ts'
import { oidcSchema } from './oidc-setting.ts'
import { originSchema, proxySchema, webAddressSchema } from './values.ts'

/** Bytes of a body, and of one line of NDJSON. */
const MIB = 1024 * 1024

const limitsSchema = z.strictObject({
  body: z
    .int()
    .min(1024)
    .max(1024 * MIB)
    .default(16 * MIB)
    .describe('Largest body in bytes, of batches too.'),
  rate: z
    .int()
    .min(1)
    .default(6_000)
    .describe('Requests a minute for one credential, or one address without.'),
  streams: z.int().min(1).default(2_000).describe('Live streams at a time for one credential.'),
  connections: z.int().min(1).default(10_000).describe('Connections at a time; more are closed at once.'),
  headersSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(10)
    .describe('Seconds in which the headers of a request must have arrived.'),
  requestSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('Seconds in which a request must have arrived whole.'),
  idleSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(60)
    .describe('Seconds that a connection is kept between requests.'),
  stallSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(120)
    .describe('Seconds that a client may leave an answer untaken.'),
  drainSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(20)
    .describe('Seconds that requests under way have to end when the server stops.'),
})

/** Every setting of the server: one schema for flags, environment and file. Unknown keys are refused. */
export const settingsSchema = z.strictObject({
  dir: z.string().min(1).describe('Directory of the log.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  port: z.int().min(0).max(65_535).default(8377).describe('Port to listen on; 0 for any that is free.'),
  limits: limitsSchema.prefault({}),
  live: liveSchema.prefault({}),
  cors: z.array(originSchema).default([]).describe('Origins whose pages may ask.'),
  trustedProxies: z
    .array(proxySchema)
    .default([])
    .describe('Addresses or networks of proxies whose X-Forwarded-For is believed.'),
  tls: z
    .strictObject({
      cert: z.string().min(1).describe('PEM file of the certificate with its chain.'),
      key: z.string().min(1).describe('PEM file of its private key.'),
    })
    .optional(),
  log: z
    .strictObject({
      level: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('info')
        .describe('Least severe line that is written to standard error.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      public: z.boolean().default(false).describe('Whether /metrics is open to everyone.'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      schedule: z
        .enum(['daily', 'off'])
        .default('daily')
        .describe('Whether what is past its retention is removed every day.'),
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 02:00')
        .default('02:00')
        .describe('When, UTC.'),
    })
    .prefault({}),
  archive: archiveSchema.optional(),
  oidc: z.array(oidcSchema).max(16).default([]).describe('Issuers whose tokens are believed.'),
  timestamps: z
    .array(webAddressSchema)
    .default([])
    .describe('Time-stamping authorities that may be asked over the API.'),
})

/** Settings beside the directory as they are given: what has a default may be left out. */
export type SettingsGiven = Omit<z.input<typeof settingsSchema>, 'dir'>

/** Settings, complete. */
export type Settings = z.output<typeof settingsSchema>
