import { z } from 'zod'
import { defineMethod } from '../method.ts'

/** The socket is served. */
export const rpcPing = defineMethod({
  name: 'rpc.ping',
  summary: 'Answers, with the size of the log',
  params: z.strictObject({}),
  run: async ({ reader }) => ({ result: { watermark: reader.size } }),
})
