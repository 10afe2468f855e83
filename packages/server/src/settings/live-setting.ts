import { z } from 'zod'

const MIB = 1024 * 1024

/** Settings of live streams. */
export const liveSchema = z.strictObject({
  most: z
    .int()
    .min(1)
    .default(10_000)
    .describe('Live streams, subscriptions and sockets at a time, of all credentials.'),
  heartbeatSeconds: z
    .number()
    .min(0.05)
    .max(3600)
    .default(15)
    .describe('Seconds between two signs of life; a socket that gives none for twice as long is gone.'),
  slowSeconds: z
    .number()
    .min(0.05)
    .max(3600)
    .default(10)
    .describe('Seconds in which a client must take what was sent, before it is cut off.'),
  idleSeconds: z
    .number()
    .min(0.05)
    .max(86_400)
    .default(300)
    .describe('Seconds after which a socket that asks nothing and watches nothing is closed.'),
  message: z
    .int()
    .min(1024)
    .max(64 * MIB)
    .default(MIB)
    .describe('Largest message of a socket in bytes.'),
  subscriptions: z.int().min(1).max(10_000).default(100).describe('Subscriptions at a time on one socket.'),
})
