import { describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'

describe('outcomeOf', () => {
  it.each([
    ['repo.create', {}, { result: 'success' }],
    ['user.failed_login', {}, { result: 'failure' }],
    ['user.two_factor_challenge_failure', {}, { result: 'failure' }],
    ['org.recovery_code_failed', {}, { result: 'failure' }],
    ['team.unfailedness', {}, { result: 'success' }],
    ['protected_branch.rejected_ref_update', {}, { result: 'denied' }],
    ['api.request', { status_code: 204 }, { result: 'success' }],
    ['api.request', { status_code: 401 }, { result: 'denied', code: '401' }],
    ['api.request', { status_code: 403 }, { result: 'denied', code: '403' }],
    ['api.request', { status_code: 422 }, { result: 'failure', code: '422' }],
    ['api.request', { status_code: '500' }, { result: 'success' }],
    ['api.request', { status_code: 0 }, { result: 'success' }],
    ['workflows.completed_workflow_run', { conclusion: 'success' }, { result: 'success' }],
    ['workflows.completed_workflow_run', { conclusion: 'skipped' }, { result: 'success' }],
    [
      'workflows.completed_workflow_run',
      { conclusion: 'cancelled' },
      { result: 'failure', code: 'cancelled' },
    ],
    ['workflows.completed_workflow_run', { conclusion: 'paused' }, { result: 'unknown', code: 'paused' }],
  ])('%s %j', (action, record, outcome) => {
    expect(outcomeOf(record, action)).toEqual(outcome)
  })
})
