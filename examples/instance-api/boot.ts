import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js'
import type { Trail } from 'annals'
import { auditOf, captureGrpc } from 'annals/adapters/grpc'

const PATH = '/api.v1.BootService/Register'
const toBytes = (message: object): Buffer => Buffer.from(JSON.stringify(message))
const fromBytes = (bytes: Buffer): Machine => JSON.parse(bytes.toString()) as Machine

interface Machine {
  readonly uuid: string
  readonly ipmiPassword?: string
}

/** What machines call when they boot for the first time. */
export async function bootService(trail: Trail): Promise<{ readonly port: number; close(): void }> {
  const interceptor = await captureGrpc(trail, {
    component: 'boot',
    action: () => 'instance.register',
    actor: ({ message }) => ({ type: 'instance', id: (message as Machine).uuid }),
    targets: ({ message }) => [{ type: 'instance', id: (message as Machine).uuid }],
  })
  const server = new Server({ interceptors: [interceptor] })
  server.addService(
    {
      Register: {
        path: PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: toBytes,
        requestDeserialize: fromBytes,
        responseSerialize: toBytes,
        responseDeserialize: fromBytes,
      },
    },
    {
      Register(call: ServerUnaryCall<Machine, object>, answer: sendUnaryData<object>) {
        auditOf(call.metadata)?.add({ tags: { firmware: 'uefi' } })
        answer(null, { uuid: call.request.uuid })
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { port, close: () => server.forceShutdown() }
}

/** A machine that registers itself. */
export async function register(port: number, machine: Machine): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  await new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest(PATH, toBytes, fromBytes, machine, error =>
      error === null ? resolve() : reject(error),
    )
  })
  client.close()
}
