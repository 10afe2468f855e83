import type { Draft } from 'annals'
import { sampleDrafts } from 'annals/testing'

/** Queries of each kind, by number, of what sample events hold. */
export function questions(): Readonly<Record<string, (nth: number) => string>> {
  const sample = [...sampleDrafts({ count: 5_000 })]
  const tagged = sample.filter(draft => draft.tags !== undefined)
  const pick = (i: number): Draft => sample[(i * 7919) % sample.length] as Draft
  const at = (draft: Draft): string => new Date(draft.occurredAt as string).toISOString()
  const rare = (i: number): string =>
    `corr:${pick(i).origin?.correlationId ?? pick(i).origin?.requestId ?? 'none'}`
  return {
    tenant: i => `tenant:${pick(i).tenant}`,
    actor: i => `actor:${pick(i).actor?.id}`,
    target: i => `target:${pick(i).targets?.[0]?.id}`,
    'topic prefix': i => `action:${pick(i).action.split('.')[0]}.*`,
    tag: i => {
      const [key, value] = Object.entries(tagged[i % tagged.length]?.tags ?? {})[0] ?? [
        'region',
        'eu-central-1',
      ]
      return `tag.${key}="${value}"`
    },
    outcome: i => (i % 2 === 0 ? 'outcome:denied' : '-outcome:success'),
    '1 h window + action': i => {
      const from = Date.parse(at(pick(i)))
      return `after:${new Date(from).toISOString()} before:${new Date(from + 3_600_000).toISOString()} action:${pick(i).action}`
    },
    word: i => `"${pick(i).targets?.[0]?.name?.split(/[^a-z0-9]+/i)[0] ?? 'web'}"`,
    'rare × broad': i => `${rare(i)} outcome:success`,
    'actor × action × outcome': i => `actor:${pick(i).actor?.id} action:${pick(i).action} outcome:failure`,
    'no match': i => `actor:nobody-${i}`,
  }
}
