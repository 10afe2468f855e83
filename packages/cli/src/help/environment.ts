const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['ANNALS_DIR', 'directory of the log, when there is no --dir; default ./annals-data'],
  ['ANNALS_TZ', 'zone of times, when there is no --tz; default the zone of the machine'],
  ['NO_COLOR', 'any value: no colour, unless --color always'],
  ['FORCE_COLOR', 'colour also into a pipe; 0: none'],
  ['TERM', 'dumb: no colour'],
  ['COLUMNS', 'width of a terminal that does not tell its own'],
  ['LC_ALL, LC_CTYPE, LANG', 'symbols beyond ASCII are used when the first of them that is set names UTF-8'],
  ['TZ', 'zone of the machine, as everywhere'],
]

/** `annals help environment`. */
export function environmentTopic(): string {
  const lines = VARIABLES.map(([name, meaning]) => `  ${name.padEnd(24)}${meaning}`)
  return `Environment\n\nA flag goes before a variable, a variable before the default.\n\n${lines.join('\n')}\n`
}
