// C2SP tlog-policy.

import {
  cosignatureVerifier,
  ed25519Verifier,
  type NoteVerifier,
  parseVerifierKey,
  TlogError,
} from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { verifyEd25519 } from '../log/signer.ts'
import { keyName, type TrustPolicy } from './trust-policy.ts'

export { keyName, type TrustPolicy }

/** Trust in keys of one log alone: a verifier key, or several, one a line, as the file `vkey` of a log has them. */
export function trustKey(vkeys: string): TrustPolicy {
  const logs = vkeys
    .trim()
    .split(/\s*\n\s*/)
    .map(vkey => ed25519Verifier(sha256Bytes, vkey, verifyEd25519))
  return {
    logs,
    origins: [...new Set(logs.map(log => log.name))],
    witnesses: [],
    asked: [],
    quorum: () => true,
  }
}

type Member = (signed: ReadonlySet<string>) => boolean

/**
 * Parses a policy file: lines `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> <k|any|all> <member>…` and one
 * `quorum <name|none>`.
 *
 * @throws TlogError E_KEY_FORMAT for a line that is none of these
 * @example
 * ```ts
 * parsePolicy('log example.com/log+c74f20a3+ARpc2Q…\nquorum none\n')
 * ```
 */
export function parsePolicy(text: string): TrustPolicy {
  const logs: NoteVerifier[] = []
  const witnesses: NoteVerifier[] = []
  const asked: { verifier: NoteVerifier; url: string }[] = []
  const members = new Map<string, Member>()
  let quorum: Member | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const [word, ...rest] = line.trim().split(/\s+/)
    const refuse = (what: string): never => {
      throw new TlogError('E_KEY_FORMAT', `policy line ${i + 1}: ${what}`)
    }
    const define = (name: string | undefined, member: Member): void => {
      if (name === undefined || name === 'none' || members.has(name))
        refuse('a name is missing, reserved or used twice')
      else members.set(name, member)
    }
    if (word === undefined || word === '' || word.startsWith('#')) continue
    if (quorum !== undefined && word !== 'log') refuse('nothing but logs may follow the quorum')
    if (word === 'log') {
      logs.push(ed25519Verifier(sha256Bytes, rest[0] ?? '', verifyEd25519))
    } else if (word === 'witness') {
      const vkey = rest[1] ?? ''
      const verifier = cosignatureVerifier(sha256Bytes, vkey, verifyEd25519)
      witnesses.push(verifier)
      if (rest[2] !== undefined)
        asked.push({ verifier, url: witnessUrl(rest[2]) ?? refuse('no http or https URL') })
      const key = keyName(parseVerifierKey(sha256Bytes, vkey))
      define(rest[0], signed => signed.has(key))
    } else if (word === 'group') {
      const [name, threshold, ...names] = rest
      const of = names.map(member => members.get(member) ?? refuse(`no member ${member} above`))
      const needed = threshold === 'any' ? 1 : threshold === 'all' ? of.length : Number(threshold)
      if (!Number.isInteger(needed) || needed < 1 || needed > of.length) refuse('no such threshold')
      define(name, signed => of.filter(member => member(signed)).length >= needed)
    } else if (word === 'quorum') {
      quorum =
        rest[0] === 'none'
          ? () => true
          : (members.get(rest[0] ?? '') ?? refuse('no such group or witness above'))
    } else refuse(`unknown word ${JSON.stringify(word)}`)
  }
  if (logs.length === 0) throw new TlogError('E_KEY_FORMAT', 'the policy names no log')
  if (quorum === undefined)
    throw new TlogError('E_KEY_FORMAT', 'the policy has no quorum line; write "quorum none" for none')
  return { logs, origins: [...new Set(logs.map(log => log.name))], witnesses, asked, quorum }
}

function witnessUrl(text: string): string | undefined {
  const url = URL.parse(text)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? text : undefined
}
