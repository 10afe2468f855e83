// RFC 3161, Time-Stamp Protocol.
import { createHash, randomBytes, webcrypto } from 'node:crypto'
import type * as Asn1 from 'asn1js'
import type * as Pki from 'pkijs'
import { AnnalsError } from '../model/index.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const COMMON_NAME = '2.5.4.3'
/** Most bytes of an answer that are read. */
const MOST_ANSWER = 256 * 1024

/** The engine's own name for the Web Crypto API, which Node types under another. */
const engineCrypto = webcrypto as unknown as ConstructorParameters<typeof Pki.CryptoEngine>[0]['crypto']

/** What a token says, once it was checked. */
export interface Timestamp {
  /** The bytes existed at this time. */
  readonly time: Date
  /** Subject of the certificate that signed it. */
  readonly by: string
}

/**
 * Asks a time-stamping authority for a token over some bytes; only their SHA-256 is sent.
 *
 * @returns the token, DER of a CMS SignedData
 * @throws AnnalsError ANNALS_STORE (retryable) when it cannot be reached or refuses; ANNALS_UNSUPPORTED without the packages
 * @example
 * ```ts
 * const token = await requestTimestamp('https://tsa.example.com', checkpoint)
 * ```
 */
export async function requestTimestamp(
  url: string,
  bytes: Uint8Array,
  options: { readonly timeoutMs?: number | undefined } = {},
): Promise<Uint8Array> {
  const { asn1, pki } = await load()
  // Positive, and never shorter than it says: the first bit is clear and the second set.
  const nonce = randomBytes(16)
  nonce[0] = ((nonce[0] as number) & 0x7f) | 0x40
  const request = new pki.TimeStampReq({
    version: 1,
    messageImprint: new pki.MessageImprint({
      hashAlgorithm: new pki.AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1.Null() }),
      hashedMessage: new asn1.OctetString({ valueHex: exact(digest(bytes)) }),
    }),
    nonce: new asn1.Integer({ valueHex: exact(nonce) }),
    certReq: true,
  })
  const answer = await post(url, Buffer.from(request.toSchema().toBER()), options.timeoutMs ?? 10_000)
  let response: Pki.TimeStampResp
  try {
    response = pki.TimeStampResp.fromBER(exact(answer))
  } catch (cause) {
    throw refused(url, 'its answer is no time-stamp response', cause)
  }
  const { status } = response.status
  if ((Number(status) !== 0 && Number(status) !== 1) || response.timeStampToken === undefined)
    throw refused(url, `it refused with status ${Number(status)}`)
  const token = Buffer.from(response.timeStampToken.toSchema().toBER())
  const info = tokenInfo(pki, token)
  const imprint = Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView)
  if (!imprint.equals(digest(bytes))) throw refused(url, 'its token is over other bytes')
  if (info.nonce === undefined || !Buffer.from(info.nonce.valueBlock.valueHexView).equals(nonce))
    throw refused(url, 'its token answers another request')
  return token
}

/**
 * Checks a token over some bytes, offline: imprint, signature, certificate chain at its time, and that the certificate is for
 * time stamping.
 *
 * @param roots certificates to trust, PEM; intermediate ones may be among them or in the token
 * @throws AnnalsError ANNALS_CORRUPT saying what does not hold; ANNALS_UNSUPPORTED without the packages
 * @example
 * ```ts
 * const { time } = await checkTimestamp(token, checkpoint, await readFile('tsa-root.pem', 'utf8'))
 * ```
 */
export async function checkTimestamp(
  token: Uint8Array,
  bytes: Uint8Array,
  roots: string,
): Promise<Timestamp> {
  const { pki } = await load()
  let signed: Pki.SignedData
  let info: Pki.TSTInfo
  try {
    signed = signedData(pki, token)
    info = tokenInfo(pki, token)
  } catch (cause) {
    throw wrong('it cannot be read', cause)
  }
  if (signed.signerInfos.length !== 1) throw wrong('it has not exactly one signature')
  const { algorithmId } = info.messageImprint.hashAlgorithm
  const imprint = Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView)
  if (algorithmId !== SHA256 || !imprint.equals(digest(bytes))) throw wrong('it is over other bytes')
  const trusted = certificates(pki, roots)
  if (trusted.length === 0) throw new TypeError('roots: no PEM certificate')
  let result: Pki.SignedDataVerifyResult
  try {
    result = await signed.verify(
      {
        signer: 0,
        data: exact(bytes),
        trustedCerts: trusted,
        checkDate: info.genTime,
        checkChain: true,
        extendedMode: true,
      },
      new pki.CryptoEngine({ name: 'node', crypto: engineCrypto }),
    )
  } catch (error) {
    throw wrong(messageOf(error), error)
  }
  if (result.signatureVerified !== true) throw wrong('its signature does not verify')
  if (result.signerCertificateVerified !== true) throw wrong('its certificate does not lead to a trusted one')
  const certificate = result.signerCertificate
  if (certificate === undefined || certificate === null || !isForTimeStamping(certificate))
    throw wrong('its certificate is not for time stamping')
  return { time: info.genTime, by: nameOf(certificate) }
}

interface Packages {
  readonly asn1: typeof Asn1
  readonly pki: typeof Pki
}

async function load(): Promise<Packages> {
  try {
    const [asn1, pki] = await Promise.all([import('asn1js'), import('pkijs')])
    pki.setEngine('node', new pki.CryptoEngine({ name: 'node', crypto: engineCrypto }))
    return { asn1, pki }
  } catch (cause) {
    throw new AnnalsError('ANNALS_UNSUPPORTED', 'Time stamps need the packages pkijs and asn1js.', {
      cause,
      hint: 'Install them beside annals: npm install pkijs asn1js',
    })
  }
}

function signedData(pki: typeof Pki, token: Uint8Array): Pki.SignedData {
  const content = pki.ContentInfo.fromBER(exact(token))
  return new pki.SignedData({ schema: content.content })
}

function tokenInfo(pki: typeof Pki, token: Uint8Array): Pki.TSTInfo {
  const { encapContentInfo } = signedData(pki, token)
  if (encapContentInfo.eContentType !== TST_INFO || encapContentInfo.eContent === undefined)
    throw new TypeError('no time-stamp token')
  return pki.TSTInfo.fromBER(encapContentInfo.eContent.getValue())
}

function certificates(pki: typeof Pki, pem: string): Pki.Certificate[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)
  return [...blocks].map(([, base64]) =>
    pki.Certificate.fromBER(exact(Buffer.from(base64 as string, 'base64'))),
  )
}

/** RFC 3161 section 2.3: exactly this purpose, and critical. */
function isForTimeStamping(certificate: Pki.Certificate): boolean {
  const usage = certificate.extensions?.find(extension => extension.extnID === EXTENDED_KEY_USAGE)
  const purposes = (usage?.parsedValue as { readonly keyPurposes?: readonly string[] } | undefined)
    ?.keyPurposes
  return usage?.critical === true && purposes?.length === 1 && purposes[0] === TIME_STAMPING
}

function nameOf(certificate: Pki.Certificate): string {
  const name = certificate.subject.typesAndValues.find(({ type }) => type === COMMON_NAME)
  return String(name?.value.valueBlock.value ?? 'unnamed')
}

async function post(url: string, body: Buffer, timeoutMs: number): Promise<Uint8Array> {
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: Uint8Array.from(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (cause) {
    throw refused(url, 'it could not be reached', cause)
  }
  if (!response.ok) throw refused(url, `it answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length
    if (length > MOST_ANSWER) throw refused(url, 'its answer is too long')
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks)
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** The packages take whole buffers, not views. */
function exact(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

function messageOf(error: unknown): string {
  const { message } = error as { readonly message?: unknown }
  return typeof message === 'string' && message !== '' ? message : 'it does not verify'
}

function refused(url: string, why: string, cause?: unknown): AnnalsError {
  return new AnnalsError(
    'ANNALS_STORE',
    `The time-stamping authority at ${new URL(url).host} gave no token: ${why}.`,
    {
      cause,
      hint: 'Try again later; the checkpoint stays as it is.',
    },
  )
}

function wrong(why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `The time stamp does not hold: ${why}.`, {
    cause,
    hint: 'Give the root certificate of the authority, and the very checkpoint it was made for.',
  })
}
