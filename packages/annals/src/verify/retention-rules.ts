import type { Rule, RulesStated } from './own-entry.ts'

const DAY_SECONDS = 86_400

/** The shipped classes, which hold where neither policy nor catalog says otherwise. */
const SHIPPED: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['standard', 180 * DAY_SECONDS],
  ['security', 400 * DAY_SECONDS],
  ['personal', 90 * DAY_SECONDS],
  ['ledger', 'forever'],
])

/** The rules of retention as entries of the log have stated them, one after the other. */
export class RetentionRules {
  readonly #stated: RulesStated[] = []

  state(rules: RulesStated): void {
    this.#stated.push(rules)
  }

  /**
   * The rule that held for a class when the entry at `index` was recorded: of the newest `log.policy` with rules before it, else
   * of the newest `log.catalog`, else the shipped one. A class that nobody names is kept for ever.
   */
  at(index: number, retention: string, tenant: string | undefined): Rule {
    const policy = this.#newest('policy', index)
    const own = tenant === undefined ? undefined : policy?.tenants.get(tenant)?.get(retention)
    if (own !== undefined) return typeof own === 'number' ? Math.max(own, (policy as RulesStated).floor) : own
    return (
      policy?.classes.get(retention) ??
      this.#newest('catalog', index)?.classes.get(retention) ??
      SHIPPED.get(retention) ??
      'forever'
    )
  }

  #newest(kind: RulesStated['kind'], index: number): RulesStated | undefined {
    return this.#stated.findLast(stated => stated.kind === kind && stated.index < index)
  }
}

/** Whether carrying out `done` leaves at least what `rule` keeps. */
export function keepsEnough(done: Exclude<Rule, 'forever'>, rule: Rule): boolean {
  if (rule === 'forever') return false
  if (typeof rule === 'number') return typeof done === 'number' && done >= rule
  return typeof done === 'object' && done.last >= rule.last
}
