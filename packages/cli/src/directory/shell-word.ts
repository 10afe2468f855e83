const SAFE = /^[\w@%+:,./-]+$/

/** A word as a POSIX shell takes it: quoted where it must be. */
export function shellWord(word: string): string {
  return SAFE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A command line that can be pasted. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}
