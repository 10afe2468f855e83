import { SETTINGS } from './list.ts'

/** The settings as a table for people, in Markdown: what docs/guides/serving.md shows. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ path, flag, variable, standard, description, choice }) => {
    const words = choice === undefined ? '' : ` ${choice.map(word => `\`${word}\``).join(', ')}.`
    return `| \`${path}\` | \`${flag}\` | \`${variable}\` | ${standard === undefined ? '' : `\`${standard}\``} | ${description}${words} |`
  })
  return ['| file | flag | variable | default | |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n')
}
