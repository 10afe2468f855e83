import { AnnalsError } from '../model/index.ts'
import type { Decision, Treatment } from './decision.ts'
import { type MaskDefinition, type MaskRules, readMask } from './mask/definition.ts'
import { compileMatch, type OneOrMore, type SubjectTest } from './match.ts'
import { PRESET_NAMES, type PresetName, presetOf } from './presets.ts'
import { type PolicyIssue, Reading } from './reading.ts'
import {
  ACTION_PATTERN,
  isActionPattern,
  type Otherwise,
  type Rule,
  readOtherwise,
  readRule,
  readTreatment,
} from './rule.ts'
import { compileSegments } from './segments.ts'
import type { Subject } from './subject.ts'

/** A policy as code, JSON or YAML spell it. */
export interface PolicyDefinition {
  /** Version of this form. @defaultValue 1 */
  readonly version?: 1 | undefined
  /** In order: the first that fits decides. */
  readonly rules?: readonly Rule[] | undefined
  /** Its rules come after those of `rules`. */
  readonly preset?: PresetName | undefined
  /** What rules that say nothing of it do, those of the preset, too. */
  readonly defaults?: Treatment | undefined
  /** What is done where no rule fits; its name in decisions is `otherwise`. @defaultValue that of the preset, or recorded in full */
  readonly otherwise?: Otherwise | undefined
  /** Actions, as rules spell them, that no pause leaves out. @defaultValue none but those of the log itself */
  readonly protect?: OneOrMore | undefined
  /** What is masked beside, or instead of, what is masked by default. */
  readonly mask?: MaskDefinition | undefined
}

/** Says of everything whether and how it is recorded. Pure: the same subject always gets the same decision. */
export interface Policy {
  decide(subject: Subject): Decision
  /** Whether an action is recorded though recording is paused. */
  protects(action: string): boolean
  /** Every decision it can make, in the order of its rules; the last is the one for what no rule fits. */
  readonly decisions: readonly Decision[]
  readonly mask: MaskRules
}

const KEYS: readonly (keyof PolicyDefinition)[] = [
  'version',
  'rules',
  'preset',
  'defaults',
  'otherwise',
  'protect',
  'mask',
]
const OTHERWISE = 'otherwise'

/**
 * Every mistake in a definition, in the order of its places; none when it is good.
 *
 * @param definition anything: it may come from a file
 * @example
 * ```ts
 * checkPolicy({ rules: [{ name: 'all', captur: 'none' }] }) // [{ path: '/rules/0/captur', message: 'unknown key', … }]
 * ```
 */
export function checkPolicy(definition: unknown): readonly PolicyIssue[] {
  const reading = new Reading()
  readPolicy(reading, definition)
  return reading.issues
}

/**
 * A policy from its definition.
 *
 * @throws AnnalsError ANNALS_INVALID with the JSON pointer of the first mistake
 * @example
 * ```ts
 * const policy = createPolicy({
 *   rules: [{ name: 'health', match: { route: '/health' }, capture: 'none' }],
 *   preset: 'mutating',
 * })
 * policy.decide({ method: 'POST', route: '/v1/machine' }).rule // 'mutating.change'
 * ```
 */
export function createPolicy(definition: PolicyDefinition): Policy {
  const reading = new Reading()
  const { rules, defaults, otherwise, protect, mask } = readPolicy(reading, definition)
  const [issue] = reading.issues
  if (issue !== undefined) {
    const more = reading.issues.length > 1 ? ` (and ${reading.issues.length - 1} more)` : ''
    const { path, message, hint } = issue
    throw new AnnalsError('ANNALS_INVALID', `policy${path}: ${message}${more}`, {
      path,
      ...(hint === undefined ? {} : { hint }),
    })
  }
  const compiled: readonly (readonly [SubjectTest, Decision])[] = rules.map(rule => [
    compileMatch(rule.match ?? {}),
    decisionOf(rule.name, rule, defaults),
  ])
  const last = decisionOf(OTHERWISE, otherwise, defaults)
  const protecting = protect.map(pattern => compileSegments(pattern, '.'))
  return Object.freeze({
    decide(subject: Subject): Decision {
      for (const [fits, decision] of compiled) if (fits(subject)) return decision
      return last
    },
    protects: (action: string) => protecting.some(test => test(action)),
    decisions: Object.freeze([...compiled.map(([, decision]) => decision), last]),
    mask,
  })
}

function decisionOf(rule: string, own: Otherwise, defaults: Treatment): Decision {
  const withinMs = own.withinMs ?? defaults.withinMs
  return Object.freeze({
    rule,
    capture: own.capture ?? 'full',
    phases: own.phases ?? defaults.phases ?? 'operation',
    await: own.await ?? defaults.await ?? 'stored',
    onUnavailable: own.onUnavailable ?? defaults.onUnavailable ?? 'refuse',
    ...(withinMs === undefined ? {} : { withinMs }),
  })
}

interface Read {
  readonly rules: readonly Rule[]
  readonly defaults: Treatment
  readonly otherwise: Otherwise
  readonly protect: readonly string[]
  readonly mask: MaskRules
}

function readPolicy(reading: Reading, definition: unknown): Read {
  const given = reading.object([], definition, KEYS) ?? {}
  if (given['version'] !== undefined && given['version'] !== 1) reading.refuse(['version'], 'must be 1')
  const name =
    given['preset'] === undefined ? undefined : reading.word(['preset'], given['preset'], PRESET_NAMES)
  const preset = name === undefined ? undefined : presetOf(name)
  const own = given['rules'] === undefined ? [] : reading.list(['rules'], given['rules'])
  const rules: Rule[] = []
  const names = new Set([OTHERWISE])
  for (const [index, value] of own.entries()) {
    const rule = readRule(reading, ['rules', index], value)
    if (rule === undefined) continue
    if (names.has(rule.name)) reading.refuse(['rules', index, 'name'], 'another rule has this name')
    names.add(rule.name)
    rules.push(rule)
  }
  for (const rule of preset?.rules ?? []) if (!names.has(rule.name)) rules.push(rule)
  const otherwise =
    given['otherwise'] === undefined ? {} : readOtherwise(reading, ['otherwise'], given['otherwise'])
  return {
    rules,
    defaults: given['defaults'] === undefined ? {} : readTreatment(reading, ['defaults'], given['defaults']),
    otherwise: { ...preset?.otherwise, ...otherwise },
    protect: reading.texts(['protect'], given['protect'], isActionPattern, ACTION_PATTERN) ?? [],
    mask: readMask(reading, ['mask'], given['mask']),
  }
}
