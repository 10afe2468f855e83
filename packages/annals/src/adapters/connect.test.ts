import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  create,
  createFileRegistry,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromJson,
  type JsonObject,
  toJson,
} from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_struct,
  type Struct,
  StructSchema,
} from '@bufbuild/protobuf/wkt'
import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Transport,
} from '@connectrpc/connect'
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node'
import { describe, it } from 'vitest'
import type { RpcAnswer, RpcAsked, TriedRpc } from '../conformance/adapter/rpc-service.ts'
import { testRpcAdapter } from '../conformance/adapter/rpc-suite.ts'
import { ADDED, FAILURE, type ServiceOptions } from '../conformance/adapter/service.ts'
import { auditOf, captureConnect } from './connect.ts'

const STRUCT = '.google.protobuf.Struct'
const method = (name: string, clientStreaming = false, serverStreaming = false) => ({
  name,
  inputType: STRUCT,
  outputType: STRUCT,
  clientStreaming,
  serverStreaming,
})
const FILE = create(FileDescriptorProtoSchema, {
  name: 'tried/v1/boot.proto',
  package: 'tried.v1',
  syntax: 'proto3',
  dependency: ['google/protobuf/struct.proto'],
  service: [
    {
      name: 'BootService',
      method: [
        ...['Register', 'Find', 'Fail', 'Refuse', 'Hang'].map(name => method(name)),
        method('Upload', true),
        method('Watch', false, true),
        method('Chat', true, true),
      ],
    },
  ],
})
const SERVICE = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [file_google_protobuf_struct.proto, FILE] }),
).getService('tried.v1.BootService')
if (SERVICE === undefined) throw new Error('the service is not there')
const service = SERVICE
const PEER = createContextKey<string | undefined>(undefined)

const struct = (value: JsonObject): Struct => fromJson(StructSchema, value)

function handlers({ trail, ran }: ServiceOptions): object {
  return {
    async register(_: Struct, { values }: HandlerContext) {
      ran('Register')
      const audit = auditOf(values)
      audit?.add(ADDED)
      await trail.record('disk.wipe')
      return audit === undefined ? {} : struct({ correlationId: audit.correlationId })
    },
    find() {
      ran('Find')
      return struct({})
    },
    fail() {
      ran('Fail')
      throw new Error(FAILURE)
    },
    refuse() {
      ran('Refuse')
      throw new ConnectError('no entry', Code.PermissionDenied)
    },
    async hang() {
      ran('Hang')
      return await new Promise<Struct>(() => {})
    },
    async upload(messages: AsyncIterable<Struct>) {
      ran('Upload')
      let count = 0
      for await (const _ of messages) count++
      return struct({ count })
    },
    async *watch() {
      ran('Watch')
      yield struct({ n: 1 })
      yield struct({ n: 2 })
      await trail.record('disk.wipe')
      yield struct({ n: 3 })
    },
    async *chat(messages: AsyncIterable<Struct>) {
      ran('Chat')
      yield* messages
    },
  }
}

async function serve(tried: ServiceOptions, protocol: 'connect' | 'grpc'): Promise<TriedRpc> {
  const interceptor = await captureConnect(tried.trail, {
    ...tried.options,
    peer: ({ contextValues }) => (contextValues as { get(key: typeof PEER): string | undefined }).get(PEER),
  })
  const server = createServer(
    connectNodeAdapter({
      routes: router => router.service(service, handlers(tried)),
      interceptors: [interceptor],
      contextValues: ({ socket }) => createContextValues().set(PEER, socket.remoteAddress),
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sessionManager = new Http2SessionManager(baseUrl)
  const options = { baseUrl, httpVersion: '2' as const, sessionManager }
  const transport = protocol === 'grpc' ? createGrpcTransport(options) : createConnectTransport(options)
  return {
    call: asked => call(transport, asked),
    async close() {
      sessionManager.abort()
      server.close()
      await once(server, 'close')
    },
  }
}

async function call(transport: Transport, asked: RpcAsked): Promise<RpcAnswer> {
  const { messages = [{}], headers = {}, timeoutMs, signal } = asked
  const called = service.methods.find(({ name }) => name === asked.method) as
    | DescMethodUnary
    | DescMethodStreaming
    | undefined
  if (called === undefined) throw new Error(`no method ${asked.method}`)
  const received: unknown[] = []
  let correlationId: string | undefined
  try {
    if (called.methodKind === 'unary') {
      const response = await transport.unary(
        called,
        signal,
        timeoutMs,
        headers,
        struct(messages[0] as JsonObject),
      )
      correlationId = response.header.get('x-request-id') ?? undefined
      received.push(toJson(called.output, response.message))
    } else {
      const sent = (async function* () {
        for (const message of messages) yield struct(message as JsonObject)
      })()
      const response = await transport.stream(called, signal, timeoutMs, headers, sent)
      correlationId = response.header.get('x-request-id') ?? undefined
      for await (const message of response.message) received.push(toJson(called.output, message))
    }
    return { code: 0, messages: received, correlationId }
  } catch (error) {
    const { code, rawMessage, metadata } = ConnectError.from(error)
    correlationId ??= metadata.get('x-request-id') ?? undefined
    return { code, message: rawMessage, messages: received, correlationId }
  }
}

for (const protocol of ['connect', 'grpc'] as const)
  testRpcAdapter({ describe, it }, { name: `connect, ${protocol}`, serve: tried => serve(tried, protocol) })
