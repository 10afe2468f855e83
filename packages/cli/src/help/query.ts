import { FIELDS } from 'annals/query'

/** `annals help query`: the language and every field. */
export function queryTopic(): string {
  const fields = FIELDS.map(field => {
    const key = 'keyed' in field && field.keyed !== undefined ? `.${field.keyed}` : ''
    const names = [`${field.name}${key}`, ...(field.aliases ?? [])].join(', ')
    return `  ${names.padEnd(22)}${field.example.padEnd(40)} ${field.help}`
  })
  return `Query

  actor:alice action:machine.* -outcome:success after:now-24h tag.env=prod "rack 4"

Terms must all hold; OR, NOT or - and parentheses as usual. A field repeated means any of its values, as does a comma.
: ignores case and takes * as wildcard; = is exact. Words without a field are searched in sentences, names, ids, errors and tags.
In a shell, quote the query. "annals query explain QUERY" shows how it is read.

${fields.join('\n')}
`
}
