import { AnnalsError } from 'annals/model'
import { parsePart } from '../../http/parse-part.ts'
import { HttpError } from '../../http/problem.ts'
import { failureOf, ParamsError } from './failure.ts'
import { CODES, errorText, parseRequest, type RpcError, type RpcRequest, resultText } from './message.ts'
import type { RpcAnswer, RpcCall, RpcMethod } from './method.ts'
import { METHODS } from './methods/index.ts'

/** Most requests of a batch. */
const MOST_OF_BATCH = 100
/** Characters of the answers of a batch, beyond which the rest is refused. */
const MOST_OF_ANSWER: number = 16 * 1024 * 1024

/** What becomes of a message. */
export interface Handled {
  /** Undefined when nobody waits for an answer. */
  readonly answer: string | undefined
  /** To be done once the answer is on its way. */
  readonly after: readonly (() => void)[]
}

/** What all calls of a socket share. */
export type CallSetting = Omit<RpcCall<unknown>, 'params'>

const BY_NAME: ReadonlyMap<string, RpcMethod> = new Map(METHODS.map(method => [method.name, method]))

/** Answers a message: one request or a batch of them, which are done in order. Never rejects. */
export async function handleMessage(text: string, setting: CallSetting): Promise<Handled> {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return refused({ code: CODES.parse, message: 'This is no JSON.' })
  }
  if (!Array.isArray(message)) return await handleOne(message, setting)
  if (message.length === 0 || message.length > MOST_OF_BATCH)
    return refused({ code: CODES.request, message: `A batch has 1 to ${MOST_OF_BATCH} requests.` })
  const answers: string[] = []
  const after: (() => void)[] = []
  let length = 0
  for (const member of message) {
    const handled = length > MOST_OF_ANSWER ? tooMuch(member, setting) : await handleOne(member, setting)
    after.push(...handled.after)
    if (handled.answer === undefined) continue
    answers.push(handled.answer)
    length += handled.answer.length
  }
  return { answer: answers.length === 0 ? undefined : `[${answers.join(',')}]`, after }
}

async function handleOne(value: unknown, setting: CallSetting): Promise<Handled> {
  const request = parseRequest(value)
  if (request === undefined)
    return refused({ code: CODES.request, message: 'This is no request of JSON-RPC 2.0.' })
  try {
    const { result, after } = await answerTo(request, setting)
    const answer = request.id === undefined ? undefined : resultText(request.id, result)
    return { answer, after: after === undefined ? [] : [after] }
  } catch (error) {
    return failed(request, error, setting)
  }
}

async function answerTo({ method: name, params }: RpcRequest, setting: CallSetting): Promise<RpcAnswer> {
  setting.context.calls.take(setting.principal.credential)
  const method = BY_NAME.get(name)
  if (method === undefined) throw new NoMethodError()
  const { permission } = method
  if (permission !== undefined && !setting.principal.permissions.has(permission)) {
    throw new AnnalsError('ANNALS_DENIED', `This needs the permission "${permission}".`, {
      hint: 'Ask for a token with it.',
    })
  }
  return await method.run({ ...setting, params: readParams(method, params) })
}

class NoMethodError extends Error {}

function readParams(method: RpcMethod, params: unknown): unknown {
  try {
    return parsePart('body', method.params, params ?? {})
  } catch (error) {
    throw error instanceof HttpError ? new ParamsError(error) : error
  }
}

function failed(request: RpcRequest, thrown: unknown, { requestId, context }: CallSetting): Handled {
  if (thrown instanceof NoMethodError) {
    const names = METHODS.map(method => method.name).join(', ')
    const error = {
      code: CODES.method,
      message: 'There is no such method.',
      data: { hint: `Methods are ${names}.` },
    }
    return refused(error, request)
  }
  const { error, isFault } = failureOf(thrown, requestId)
  // The name is of the table: what a client sends is not logged.
  if (isFault) context.log.error({ requestId, method: request.method, err: thrown }, 'call failed')
  return refused(error, request)
}

function tooMuch(value: unknown, { requestId }: CallSetting): Handled {
  const request = parseRequest(value)
  const refusal = new HttpError(413, 'ANNALS_LIMIT', 'The answers of this batch are too long.', {
    hint: 'Ask for the rest in another message.',
  })
  return refused(failureOf(refusal, requestId).error, request)
}

/** An answer with an error: by the request's id, which is null where there is no request. */
function refused(error: RpcError, request?: RpcRequest): Handled {
  if (request !== undefined && request.id === undefined) return { answer: undefined, after: [] }
  return { answer: errorText(request?.id ?? null, error), after: [] }
}
