import { OUTCOME_RESULTS } from '../model/index.ts'
import {
  AWAITED,
  CAPTURE_LEVELS,
  CAPTURE_PHASES,
  type CaptureLevel,
  ON_UNAVAILABLE,
  type Treatment,
} from './decision.ts'
import type { Match } from './match.ts'
import type { At, Reading } from './reading.ts'

/** How much is recorded of what no rule is about, and how. */
export interface Otherwise extends Treatment {
  /** @defaultValue `full` */
  readonly capture?: CaptureLevel | undefined
}

/** One rule: the first whose match fits decides. */
export interface Rule extends Otherwise {
  /** Names the rule in every decision it makes; no two of a policy have the same. */
  readonly name: string
  /** @defaultValue fits everything */
  readonly match?: Match | undefined
}

/** Rules that are shipped under a name. */
export interface Preset {
  readonly rules: readonly Rule[]
  readonly otherwise: Otherwise
}

const TREATMENT_KEYS = ['phases', 'await', 'onUnavailable', 'withinMs'] as const
const OTHERWISE_KEYS = ['capture', ...TREATMENT_KEYS] as const
const RULE_KEYS = ['name', 'match', ...OTHERWISE_KEYS] as const
const MATCH_KEYS: readonly (keyof Match)[] = [
  'method',
  'route',
  'service',
  'rpc',
  'action',
  'actor',
  'target',
  'tenant',
  'project',
  'outcome',
]

const METHOD = /^(?:\*|[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)$/
const ROUTE = /^(?:\/|\*\*(?:\/|$))(?!.*\/\/)[^?#]*$/
const DOTTED = /^[^.\s]+(?:\.[^.\s]+)*$/
/** A `*` only at the end. */
const PREFIX = /^[^*]*\*?$/
const REF = /^(?:\*|[^*/]+)(?:\/[^*]*\*?)?$/

/** What an action of rules looks like. */
export const ACTION_PATTERN = 'an action, such as machine.delete or machine.**'

const WANTED: Readonly<Record<keyof Match, readonly [test: RegExp, what: string]>> = {
  method: [METHOD, 'an HTTP method, or *'],
  route: [ROUTE, 'a route template that begins with / or **, such as /v1/machine/{id} or **/find'],
  service: [DOTTED, 'the full name of a gRPC service, such as api.v1.BootService, or **.BootService'],
  rpc: [PREFIX, 'the name of a gRPC method, or *'],
  action: [DOTTED, ACTION_PATTERN],
  actor: [REF, 'type, type/id or type/prefix*'],
  target: [REF, 'type, type/id or type/prefix*'],
  tenant: [PREFIX, 'a name, a prefix followed by *, or *'],
  project: [PREFIX, 'a name, a prefix followed by *, or *'],
  outcome: [new RegExp(`^(?:${OUTCOME_RESULTS.join('|')})$`), `one of ${OUTCOME_RESULTS.join(', ')}`],
}

/** Whether a text is an action of rules: by whole segments, with `*` and `**`. */
export function isActionPattern(text: string): boolean {
  return DOTTED.test(text)
}

/** Reads the treatment that a policy gives where its rules say nothing. */
export function readTreatment(reading: Reading, at: At, value: unknown): Treatment {
  const given = reading.object(at, value, TREATMENT_KEYS)
  return given === undefined ? {} : takeTreatment(reading, at, given)
}

/** Reads what is done where no rule fits. */
export function readOtherwise(reading: Reading, at: At, value: unknown): Otherwise {
  const given = reading.object(at, value, OTHERWISE_KEYS)
  return given === undefined ? {} : takeOtherwise(reading, at, given)
}

/** Reads a rule; undefined when not even its name can be told. */
export function readRule(reading: Reading, at: At, value: unknown): Rule | undefined {
  const given = reading.object(at, value, RULE_KEYS)
  if (given === undefined) return undefined
  const name = reading.text([...at, 'name'], given['name'])
  const match = given['match'] === undefined ? {} : readMatch(reading, [...at, 'match'], given['match'])
  const rest = takeOtherwise(reading, at, given)
  return name === undefined ? undefined : { name, match, ...rest }
}

function takeOtherwise(reading: Reading, at: At, given: Readonly<Record<string, unknown>>): Otherwise {
  const capture =
    given['capture'] === undefined
      ? undefined
      : reading.word([...at, 'capture'], given['capture'], CAPTURE_LEVELS)
  return { ...(capture === undefined ? {} : { capture }), ...takeTreatment(reading, at, given) }
}

function takeTreatment(reading: Reading, at: At, given: Readonly<Record<string, unknown>>): Treatment {
  const word = <T extends string>(name: string, known: readonly T[]): T | undefined =>
    given[name] === undefined ? undefined : reading.word([...at, name], given[name], known)
  const phases = word('phases', CAPTURE_PHASES)
  const awaited = word('await', AWAITED)
  const onUnavailable = word('onUnavailable', ON_UNAVAILABLE)
  const withinMs =
    given['withinMs'] === undefined
      ? undefined
      : reading.count([...at, 'withinMs'], given['withinMs'], 'milliseconds')
  return {
    ...(phases === undefined ? {} : { phases }),
    ...(awaited === undefined ? {} : { await: awaited }),
    ...(onUnavailable === undefined ? {} : { onUnavailable }),
    ...(withinMs === undefined ? {} : { withinMs }),
  }
}

function readMatch(reading: Reading, at: At, value: unknown): Match {
  const given = reading.object(at, value, MATCH_KEYS) ?? {}
  const match: Record<string, readonly string[]> = {}
  for (const name of MATCH_KEYS) {
    const [test, what] = WANTED[name]
    const texts = reading.texts([...at, name], given[name], text => test.test(text), what)
    if (texts !== undefined) match[name] = texts
  }
  return match as Match
}
