import * as grpc from '@grpc/grpc-js'
import { describe, it } from 'vitest'
import type { RpcAnswer, RpcAsked, TriedRpc } from '../conformance/adapter/rpc-service.ts'
import { testRpcAdapter } from '../conformance/adapter/rpc-suite.ts'
import { ADDED, FAILURE, type ServiceOptions } from '../conformance/adapter/service.ts'
import { auditOf, captureGrpc } from './grpc.ts'

const NAME = 'tried.v1.BootService'
const CODEC = {
  requestSerialize: (value: object) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as object,
  responseSerialize: (value: object) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as object,
}
const method = (name: string, requestStream = false, responseStream = false) => ({
  [name]: { path: `/${NAME}/${name}`, requestStream, responseStream, ...CODEC },
})
const SERVICE = {
  ...method('Register'),
  ...method('Find'),
  ...method('Fail'),
  ...method('Refuse'),
  ...method('Hang'),
  ...method('Upload', true),
  ...method('Watch', false, true),
  ...method('Chat', true, true),
} as grpc.ServiceDefinition

type Unary = grpc.ServerUnaryCall<object, object>
type Answer = grpc.sendUnaryData<object>

async function serve({ trail, options, ran }: ServiceOptions): Promise<TriedRpc> {
  const server = new grpc.Server({ interceptors: [await captureGrpc(trail, options)] })
  server.addService(SERVICE, {
    Register(call: Unary, answer: Answer) {
      ran('Register')
      const audit = auditOf(call.metadata)
      audit?.add(ADDED)
      trail.record('disk.wipe').then(() => answer(null, { correlationId: audit?.correlationId }), answer)
    },
    Find(_: Unary, answer: Answer) {
      ran('Find')
      answer(null, {})
    },
    Fail() {
      ran('Fail')
      throw new Error(FAILURE)
    },
    Refuse(_: Unary, answer: Answer) {
      ran('Refuse')
      answer({ code: grpc.status.PERMISSION_DENIED, details: 'no entry' })
    },
    Hang() {
      ran('Hang')
    },
    Upload(call: grpc.ServerReadableStream<object, object>, answer: Answer) {
      ran('Upload')
      let count = 0
      call.on('data', () => count++)
      call.on('end', () => answer(null, { count }))
    },
    Watch(call: grpc.ServerWritableStream<object, object>) {
      ran('Watch')
      call.write({ n: 1 })
      call.write({ n: 2 })
      trail.record('disk.wipe').then(() => {
        call.write({ n: 3 })
        call.end()
      }, call.destroy)
    },
    Chat(call: grpc.ServerDuplexStream<object, object>) {
      ran('Chat')
      call.on('data', message => call.write(message))
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  return {
    call: asked => call(client, asked),
    async close() {
      client.close()
      server.forceShutdown()
    },
  }
}

/** Everything as a stream of both sides, which over the wire is the same. */
function call(client: grpc.Client, asked: RpcAsked): Promise<RpcAnswer> {
  const { method, messages = [{}], headers = {}, timeoutMs, signal } = asked
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const stream = client.makeBidiStreamRequest(
    `/${NAME}/${method}`,
    CODEC.requestSerialize,
    CODEC.responseDeserialize,
    metadata,
    timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
  )
  signal?.addEventListener('abort', () => stream.cancel())
  return new Promise(resolve => {
    const received: unknown[] = []
    let correlationId: string | undefined
    const idOf = (from: grpc.Metadata): void => {
      correlationId ??= from.get('x-request-id')[0]?.toString()
    }
    stream.on('metadata', idOf)
    stream.on('data', message => received.push(message))
    stream.on('error', () => {})
    stream.on('status', ({ code, details, metadata: trailing }: grpc.StatusObject) => {
      idOf(trailing)
      resolve({ code, message: details, messages: received, correlationId })
    })
    for (const message of messages) stream.write(message)
    stream.end()
  })
}

testRpcAdapter({ describe, it }, { name: 'grpc', serve })
