import type { MaskAction, MaskRules } from './definition.ts'

/** Names of secrets, as `squash` writes them. */
export const SECRET_NAMES: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'pass',
  'token',
  'jwt',
  'bearer',
  'otp',
  'totp',
  'pin',
  'secret',
  'credential',
  'authorization',
  'auth',
  'signature',
  'cookie',
  'csrf',
  'xsrf',
  'session',
  'sid',
  'apikey',
  'accesskey',
  'privatekey',
  'encryptionkey',
  'sshkey',
  'recoverycode',
  'creditcard',
  'cardnumber',
  'cvv',
  'cvc',
  'iban',
  'ssn',
]

/** From this length on a name is also found within words: `password` in `dbpasswords`, but no `pin` in `shipping`. */
const WITHIN_WORDS = 5
const MOST_REMEMBERED = 4_096
const LONGEST_REMEMBERED = 128

/**
 * Finds what becomes of a value by its name. A name is found whatever its case and separators, and as a part of a longer one:
 * `X-Api-Key`, `apiKey` and `DB_API_KEY_2` are all `apikey`. Of several names that are found the longest decides.
 */
export class MaskedNames {
  /** Longest first. */
  readonly #known: readonly (readonly [name: string, action: MaskAction])[]
  readonly #remembered = new Map<string, MaskAction | undefined>()

  constructor({ names, secrets }: Pick<MaskRules, 'names' | 'secrets'>) {
    const known = new Map(SECRET_NAMES.map(name => [name, secrets]))
    for (const [name, action] of names) known.set(squash(name), action)
    this.#known = [...known].sort(([a], [b]) => b.length - a.length)
  }

  /** The action for values with this name; undefined when nothing is known of it. */
  find(name: string): MaskAction | undefined {
    if (name.length > LONGEST_REMEMBERED) return this.#search(name)
    const found = this.#remembered.get(name)
    if (found !== undefined || this.#remembered.has(name)) return found
    const action = this.#search(name)
    // Names come from clients: a hostile one may send new ones for ever.
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(name, action)
    return action
  }

  #search(name: string): MaskAction | undefined {
    const whole = squash(name)
    let runs: ReadonlySet<string> | undefined
    for (const [known, action] of this.#known) {
      if (known === '') continue
      if (known === whole || (known.length >= WITHIN_WORDS && whole.includes(known))) return action
      if (known.length > whole.length) continue
      runs ??= wordRuns(name)
      if (runs.has(known)) return action
    }
    return undefined
  }
}

/** A name without case and separators. */
export function squash(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/** Most words of a name that are looked at, and most of them in a row. */
const MOST_WORDS = 32
const LONGEST_RUN = 3

/** Every run of up to three words of a name: of `myPinCode` also `pin` and `pincode`. */
function wordRuns(name: string): ReadonlySet<string> {
  const words = name
    .normalize('NFKC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter(word => word !== '')
    .slice(0, MOST_WORDS)
  const runs = new Set<string>()
  for (let from = 0; from < words.length; from++) {
    let run = ''
    for (const word of words.slice(from, from + LONGEST_RUN)) {
      run += word
      runs.add(run)
    }
  }
  return runs
}
