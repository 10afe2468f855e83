import { type Fields, fieldsOf, identifierOf, idOf, Targets } from '../fields.ts'

/** One kind of thing that records name. */
interface Kind {
  readonly type: string
  /** Members with its number. */
  readonly ids: readonly string[]
  /** Members with its name; of several the first that is there. */
  readonly names: readonly string[]
  readonly role?: string
  /** Categories of actions in which the member `name` is its name. */
  readonly named?: RegExp
  /** Categories of actions that are about it. */
  readonly subject?: RegExp
}

/** From the particular to the general; a team comes before its organisation. */
const KINDS: readonly Kind[] = [
  { type: 'ruleset', ids: ['ruleset_id'], names: ['ruleset_name'] },
  { type: 'hook', ids: ['hook_id'], names: [] },
  { type: 'workflow-run', ids: ['workflow_run_id'], names: [] },
  { type: 'workflow', ids: ['workflow_id'], names: [], named: /^workflows?$/ },
  {
    type: 'integration',
    ids: ['integration_id'],
    names: ['integration'],
    named: /^integration(?:_installation)?$/,
  },
  { type: 'oauth-application', ids: ['oauth_application_id'], names: ['oauth_application_name'] },
  {
    type: 'personal-access-token',
    ids: ['user_programmatic_access_id'],
    names: ['user_programmatic_access_name'],
  },
  { type: 'package', ids: [], names: ['package'] },
  { type: 'project', ids: ['project_id'], names: ['project_name'] },
  { type: 'runner', ids: ['runner_id'], names: ['runner_name'] },
  { type: 'advisory', ids: ['ghsa_id'], names: [] },
  { type: 'team', ids: ['team_id'], names: ['team'], subject: /^team/ },
  {
    type: 'repo',
    ids: ['repo_id', 'repository_id'],
    names: ['repo', 'repository'],
    subject: /^(?:repo|repository|git)$/,
  },
  { type: 'user', ids: ['user_id'], names: ['user'], subject: /^user$/ },
  { type: 'user', ids: [], names: ['blocked_user'], role: 'blocked' },
  { type: 'org', ids: ['org_id'], names: ['org'], subject: /^org/ },
  { type: 'business', ids: ['business_id'], names: ['business'], subject: /^(?:business|enterprise)/ },
]

/** Targets, and the members of the record that they hold. */
export interface FoundTargets extends Pick<Targets, 'all' | 'notes'> {
  readonly used: ReadonlySet<string>
}

/**
 * What an action was about, of the record and its `data`: by number, with the name; what is only named has its name as id. First
 * is the kind that the category of the action names, as `org` in `org.add_member`, then the particular before the general.
 */
export function targetsOf(record: Fields, action: string): FoundTargets {
  const category = action.split('.', 1)[0] ?? ''
  const isSubject = (kind: Kind): boolean => kind.subject?.test(category) === true
  const targets = new Targets()
  const used = new Set<string>()
  const details = fieldsOf(record['data'])
  for (const kind of [...KINDS.filter(isSubject), ...KINDS.filter(kind => !isSubject(kind))]) {
    const names = kind.named?.test(category) === true ? [...kind.names, 'name'] : kind.names
    for (const key of add(targets, kind, names, record)) used.add(key)
    add(targets, kind, names, details)
  }
  return { all: targets.all, notes: targets.notes, used }
}

/** Adds what there is of a kind; the members that say nothing that its target does not. */
function add(targets: Targets, kind: Kind, names: readonly string[], fields: Fields): readonly string[] {
  const [idKey, nameKey] = [firstOf(kind.ids, fields), firstOf(names, fields)]
  const [ids, given] = [listOfKey(fields, idKey), listOfKey(fields, nameKey)]
  for (let at = 0; at < Math.max(ids.length, given.length); at += 1) {
    const [id, name] = [idOf(ids[at]), identifierOf(given[at])]
    if (id !== undefined) targets.add(kind.type, id, { name, role: kind.role })
    else if (name !== undefined) targets.add(kind.type, name, { role: kind.role })
  }
  const held = targets.all.filter(target => target.type === kind.type).flatMap(({ id, name }) => [id, name])
  const isHeld = (key: string): boolean => {
    const id = idOf(fields[key])
    // An event names at most 64 targets, and one of two names of the same.
    return id !== undefined && held.includes(id)
  }
  return [...kind.ids, ...names].filter(isHeld)
}

function firstOf(keys: readonly string[], fields: Fields): string | undefined {
  return keys.find(key => listed(fields[key]).some(value => idOf(value) !== undefined))
}

/** Events that concern several organisations have arrays. */
function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

function listOfKey(fields: Fields, key: string | undefined): readonly unknown[] {
  return key === undefined ? [] : listed(fields[key])
}
