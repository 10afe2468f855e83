import type { OutcomeResult } from '../model/index.ts'
import { compileSegments } from './segments.ts'
import type { Subject, SubjectRef } from './subject.ts'

/** One text, or any of several. */
export type OneOrMore<T extends string = string> = T | readonly T[]

/** What a rule asks for: every field that is given must fit, one of its alternatives each. */
export interface Match {
  /** HTTP methods, whatever their case; `*` for any request that has one. */
  readonly method?: OneOrMore | undefined
  /** Route templates by whole segments: `/v1/machine/{id}`, `*` for one segment, `**` for any number, as in `**\/find`. */
  readonly route?: OneOrMore | undefined
  /** gRPC services by whole segments, such as `api.v1.BootService` or `**.BootService`. */
  readonly service?: OneOrMore | undefined
  /** gRPC methods; `*` for any call that has one. */
  readonly rpc?: OneOrMore | undefined
  /** Actions by whole segments: `machine.delete`, `machine.*`, `machine.**` for it and everything below. */
  readonly action?: OneOrMore | undefined
  /** `type`, `type/id` or `type/prefix*`; the type may be `*`. */
  readonly actor?: OneOrMore | undefined
  /** The same of any target. */
  readonly target?: OneOrMore | undefined
  /** Exact, `prefix*`, or `*` for any. */
  readonly tenant?: OneOrMore | undefined
  /** Exact, `prefix*`, or `*` for any. */
  readonly project?: OneOrMore | undefined
  readonly outcome?: OneOrMore<OutcomeResult> | undefined
}

/** Whether a subject is what a rule asks for. */
export type SubjectTest = (subject: Subject) => boolean

type Test<T> = (value: T) => boolean

/** Compiles a match that was checked. Without fields it fits everything. */
export function compileMatch(match: Match): SubjectTest {
  const tests: SubjectTest[] = []
  const add = <T>(
    given: OneOrMore | undefined,
    read: (subject: Subject) => T | undefined,
    compile: (pattern: string) => Test<T>,
  ): void => {
    if (given === undefined) return
    const any = anyOf(alternatives(given).map(compile))
    tests.push(subject => {
      const value = read(subject)
      return value !== undefined && any(value)
    })
  }
  add(match.method, subject => subject.method, methodTest)
  add(
    match.route,
    subject => subject.route,
    pattern => compileSegments(pattern, '/'),
  )
  add(
    match.service,
    subject => subject.service,
    pattern => compileSegments(pattern, '.'),
  )
  add(match.rpc, subject => subject.rpc, textTest)
  add(
    match.action,
    subject => subject.action,
    pattern => compileSegments(pattern, '.'),
  )
  add(match.actor, subject => subject.actor, refTest)
  add(
    match.target,
    subject => subject.targets,
    pattern => {
      const test = refTest(pattern)
      return targets => targets.some(test)
    },
  )
  add(match.tenant, subject => subject.tenant, textTest)
  add(match.project, subject => subject.project, textTest)
  add(
    match.outcome,
    subject => subject.outcome,
    pattern => result => result === pattern,
  )
  return subject => tests.every(test => test(subject))
}

/** The alternatives of a field. */
export function alternatives(given: OneOrMore): readonly string[] {
  return typeof given === 'string' ? [given] : given
}

function anyOf<T>(tests: readonly Test<T>[]): Test<T> {
  return value => tests.some(test => test(value))
}

function methodTest(pattern: string): Test<string> {
  const wanted = pattern.toUpperCase()
  return wanted === '*' ? () => true : method => method.toUpperCase() === wanted
}

/** Exact, or with a `*` at the end a prefix. */
function textTest(pattern: string): Test<string> {
  if (!pattern.endsWith('*')) return text => text === pattern
  const prefix = pattern.slice(0, -1)
  return text => text.startsWith(prefix)
}

function refTest(pattern: string): Test<SubjectRef> {
  const slash = pattern.indexOf('/')
  const type = slash < 0 ? pattern : pattern.slice(0, slash)
  const isType: Test<string> = type === '*' ? () => true : given => given === type
  if (slash < 0) return ref => isType(ref.type)
  const isId = textTest(pattern.slice(slash + 1))
  return ref => isType(ref.type) && isId(ref.id)
}
