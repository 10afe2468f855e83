import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

/** A small issuer of tokens on a socket of this machine: its keys are published and can be changed. */
export interface TestIssuer extends AsyncDisposable {
  readonly url: string
  /** Requests for its keys so far. */
  readonly fetched: number
  /** The public key in use, as it is published. */
  readonly jwk: JWK
  /** Signs with the key in use; issuer, subject and an end in five minutes unless told. */
  sign(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** Another key takes the place of the one in use, which is published no longer. */
  rotate(): Promise<void>
  /** How it answers from now on. @defaultValue `well` */
  answer: 'well' | 'badly' | 'as another'
}

/** Starts an issuer. */
export async function startIssuer(alg = 'ES256'): Promise<TestIssuer> {
  let fetched = 0
  let nth = 0
  let pair: { readonly privateKey: CryptoKey; readonly jwk: JWK }
  const make = async (): Promise<void> => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    pair = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `k${++nth}`, alg, use: 'sig' } }
  }
  await make()
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (issuer.answer === 'badly') {
      response.writeHead(500).end()
      return
    }
    response.setHeader('Content-Type', 'application/json')
    if (request.url === '/jwks') {
      fetched++
      response.end(JSON.stringify({ keys: [pair.jwk] }))
      return
    }
    const named = issuer.answer === 'as another' ? 'https://elsewhere.example' : url
    response.end(JSON.stringify({ issuer: named, jwks_uri: `${url}/jwks` }))
  }
  const server = createServer(serve)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer: TestIssuer = {
    url,
    answer: 'well',
    get fetched() {
      return fetched
    },
    get jwk() {
      return pair.jwk
    },
    async sign(claims, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      return await new SignJWT({ iss: url, sub: 'alice', iat: now, exp: now + 300, ...claims } as JWTPayload)
        .setProtectedHeader({ alg, kid: pair.jwk.kid as string, ...header })
        .sign(pair.privateKey)
    },
    rotate: make,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return issuer
}
