const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['ANNALS_DIR', 'directory of the log, when there is no --dir; default ./annals-data'],
  [
    'ANNALS_ENDPOINT',
    'server to ask, when there is no --endpoint, --dir or ANNALS_DIR; else that of "annals login"',
  ],
  ['ANNALS_TOKEN', 'token to sign in with; never a flag, others could read it'],
  ['ANNALS_TOKEN_FILE', 'file with the token, when there is no --token-file'],
  ['ANNALS_ALLOW_HTTP', 'any value: http:// also to other machines, where the network itself is encrypted'],
  [
    'ANNALS_SERVER_…',
    'settings of "annals serve", such as ANNALS_SERVER_PORT; "annals config show" lists them',
  ],
  ['ANNALS_SERVER_CONFIG', 'file with settings of "annals serve", when there is no --config'],
  ['XDG_CONFIG_HOME', 'annals/config.json in it keeps what "annals login" is given; default ~/.config'],
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
