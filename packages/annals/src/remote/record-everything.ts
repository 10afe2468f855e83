import type { Decision, OnUnavailable, Policy } from '../policy/index.ts'

/** What is done without a policy: everything is recorded, as it is given. */
export function recordEverything(onUnavailable: OnUnavailable): Pick<Policy, 'decide'> {
  const decision: Decision = {
    rule: 'everything',
    capture: 'full',
    phases: 'operation',
    await: 'stored',
    onUnavailable,
  }
  return { decide: () => decision }
}
