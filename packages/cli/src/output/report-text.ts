import type { VerifyReport } from 'annals'
import { visible } from './escape.ts'
import { grouped } from './progress.ts'
import { paint } from './style.ts'
import type { Terminal } from './terminal.ts'

/** A verification report for people. */
export function reportText(report: VerifyReport, terminal: Terminal): string {
  const { ok, size, root, checked, erased, expired = 0, findings, claim } = report
  const lines = [
    `  entries      ${grouped(size)}`,
    `  root         ${root}`,
    `  checked      ${grouped(checked)} events`,
    `  erased       ${grouped(erased)} parts, by duty`,
    ...(expired === 0 ? [] : [`  expired      ${grouped(expired)} entries, by retention`]),
  ]
  for (const { code, index, message } of findings) {
    const place = index === undefined ? '' : ` at position ${index}`
    const isError = code.startsWith('E_')
    lines.push(`  ${paint(terminal, isError ? 'bad' : 'warn', code)}${place}: ${visible(message)}`)
  }
  const warnings = findings.filter(finding => !finding.code.startsWith('E_')).length
  const errors = findings.length - warnings
  const verdict = ok && errors === 0 ? paint(terminal, 'good', 'VERIFIED') : paint(terminal, 'bad', 'FAILED')
  const counts = [
    errors > 0 ? plural(errors, 'error') : '',
    warnings > 0 ? plural(warnings, 'warning') : '',
  ].filter(text => text !== '')
  lines.push(`${verdict}${counts.length === 0 ? '' : ` with ${counts.join(' and ')}`}`, `  ${visible(claim)}`)
  return `${lines.join('\n')}\n`
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
