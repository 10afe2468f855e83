import { visible, visibleJson } from '../output/escape.ts'
import { paint } from '../output/style.ts'
import type { Terminal } from '../output/terminal.ts'
import type { Failure } from './failure.ts'
import { hintOf } from './hint.ts'

/** How to show a failure. */
export interface RenderOptions {
  readonly terminal: Terminal
  /** One JSON object instead of lines. */
  readonly json: boolean
  /** Also the trace, with its causes. */
  readonly debug: boolean
}

/** A failure as text for stderr: what, why, what to do. */
export function renderFailure(failure: Failure, { terminal, json, debug }: RenderOptions): string {
  if (json) return renderJson(failure, debug)
  const lines = [`${paint(terminal, 'bad', 'error:')} ${visible(failure.message)}`]
  lines.push(...failure.shown.map(line => `  ${line}`))
  if (failure.why !== undefined) lines.push(`  why: ${visible(failure.why)}`)
  const hint = hintOf(failure)
  if (hint !== undefined) lines.push(`  fix: ${visible(hint)}`)
  if (failure.requestId !== undefined) lines.push(`  request: ${visible(failure.requestId)}`)
  if (debug) lines.push(...traceOf(failure))
  return lines.join('\n')
}

function renderJson(failure: Failure, debug: boolean): string {
  const { code, message, requestId } = failure
  const hint = hintOf(failure) ?? ''
  const trace = debug ? { trace: traceOf(failure) } : {}
  return visibleJson(
    JSON.stringify({
      error: { code, message, hint, ...(requestId === undefined ? {} : { requestId }), ...trace },
    }),
  )
}

function traceOf(failure: Failure): string[] {
  const lines: string[] = []
  for (
    let error: unknown = failure, depth = 0;
    error instanceof Error && depth < 8;
    error = error.cause, depth++
  ) {
    const stack = error.stack ?? `${error.name}: ${error.message}`
    lines.push(...stack.split('\n').map(line => visible(line)))
  }
  return lines
}
