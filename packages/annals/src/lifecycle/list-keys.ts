import { type Act, type ActContext, defineAct } from './act.ts'
import { requestMembers } from './act-request.ts'

/** A key of a log, without anything secret. */
export interface ListedKey {
  /** What it is for: `log` signs checkpoints, `cosigner` gives them a time, `kek` wraps the other secrets. */
  readonly key: 'log' | 'cosigner' | 'kek'
  /** Verifier key; of the key-encryption key its id. */
  readonly id: string
  /** `signs`, `overlap` (signs beside a newer one), `file` or `environment` (where the key-encryption key is). */
  readonly state: 'signs' | 'overlap' | 'file' | 'environment'
  /** Since when the key-encryption key is used, as ISO time. */
  readonly since?: string
  /** When an overlap ends, as ISO time. */
  readonly until?: string
}

/** Lists the keys of a log. */
export const listKeys: Act<Record<string, never>, readonly ListedKey[]> = defineAct({
  name: 'list-keys',
  check(request): Record<string, never> {
    requestMembers(request, [])
    return {}
  },
  async perform(_, { store }: ActContext): Promise<readonly ListedKey[]> {
    const { signer, keys } = store
    const log = signer.rotation?.keys() ?? signer.vkeys.map(vkey => ({ vkey, until: undefined }))
    const listed: ListedKey[] = log.map(({ vkey, until }) =>
      until === undefined
        ? { key: 'log', id: vkey, state: 'signs' }
        : { key: 'log', id: vkey, state: 'overlap', until: new Date(until).toISOString() },
    )
    listed.push({ key: 'cosigner', id: signer.cosignerVkey, state: 'signs' })
    const kek = await keys.kek?.state()
    if (kek !== undefined)
      listed.push({ key: 'kek', id: kek.id, state: kek.file ? 'file' : 'environment', since: kek.since })
    return listed
  },
})
