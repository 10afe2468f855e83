import { EXIT_CODES, EXIT_OF } from '../failure/exit-codes.ts'

/** `annals help exit-codes`: every code, and the error codes behind it. */
export function exitCodesTopic(): string {
  const lines = Object.entries(EXIT_CODES).flatMap(([exit, meaning]) => {
    const errors = Object.entries(EXIT_OF)
      .filter(([, code]) => String(code) === exit)
      .map(([error]) => error)
    const line = `  ${exit.padStart(3)}  ${meaning}`
    return errors.length === 0 ? [line] : [line, ...wrapped(errors)]
  })
  return `Exit codes\n\n${lines.join('\n')}\n`
}

function wrapped(errors: readonly string[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const error of errors) {
    if (line.length + error.length > 68) {
      lines.push(`${line},`)
      line = ''
    }
    line += line === '' ? error : `, ${error}`
  }
  return [...lines, line].map(text => `       ${text}`)
}
