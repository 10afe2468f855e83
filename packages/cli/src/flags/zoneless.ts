import { fieldNamed, type Query, type Value } from 'annals/query'

// Years, months, days and local times; a time with Z or an offset does not match. `today` is a day of some zone.
const ZONELESS = /^(?:\d{4}(?:-\d\d(?:-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?)?|today|yesterday)$/i

/** Whether a query holds a time that means another instant in another zone. */
export function hasZonelessTime(query: Query): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.some(hasZonelessTime)
    case 'not':
      return hasZonelessTime(query.of)
    case 'filter':
      return (
        fieldNamed(query.field).kind === 'time' &&
        query.values.some(value => textsOf(value).some(text => ZONELESS.test(text)))
      )
    case 'all':
    case 'text':
      return false
  }
}

function textsOf(value: Value): string[] {
  switch (value.kind) {
    case 'text':
      return [value.text]
    case 'range':
      return [value.from ?? '', value.to ?? '']
    case 'pattern':
    case 'any':
      return []
  }
}
