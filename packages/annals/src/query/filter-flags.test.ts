import { expect, it } from 'vitest'
import { combineQueries } from './combine.ts'
import { type FilterFlags, filtersToQuery } from './filter-flags.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'

it.each<[FilterFlags, string]>([
  [{}, ''],
  [{ actor: [] }, ''],
  [{ actor: ['a', 'b'] }, 'actor:a,b'],
  [{ actor: ['a,b', 'c'] }, 'actor:a,b,c'],
  [{ actor: ['a', '!b'] }, 'actor:a -actor:b'],
  [{ actor: ['!a,b'] }, '-actor:a,b'],
  [{ actor: ['!a', '!b'] }, '-actor:a -actor:b'],
  [{ actor: ['Jo Doe'] }, 'actor:"Jo Doe"'],
  [{ actor: ['"Doe, Jo"'] }, 'actor:"Doe, Jo"'],
  [{ actor: ['"a*"'] }, 'actor:"a*"'],
  [{ action: ['machine.*'], target: ['machine/web-3'] }, 'action:machine.* target:machine/web-3'],
  [
    { outcome: ['failure', 'denied'], op: ['o1'], corr: ['c1'] },
    'outcome:failure,denied operation:o1 corr:c1',
  ],
  [{ ip: ['10.0.0.0/8', '!10.1.0.0/16'] }, 'ip:10.0.0.0/8 -ip:10.1.0.0/16'],
  [{ tag: ['env=prod'] }, 'tag.env=prod'],
  [{ tag: ['env=prod,test', 'env=dev'] }, 'tag.env=prod,test,dev'],
  [{ tag: ['env=pr*', 'team'] }, 'tag.env:pr* tag.team:*'],
  [{ tag: ['env:prod', 'a.b=c=d'] }, 'tag.env:prod tag.a.b=c=d'],
  [{ tag: ['!env=prod', '!team'] }, '-tag.env=prod -tag.team:*'],
  [{ tag: ['env='] }, 'tag.env=""'],
  [{ failed: true, denied: true }, 'is:failed outcome:denied'],
  [{ failed: false }, ''],
])('%j is %s', (flags, expected) => {
  const query = filtersToQuery(flags)
  expect(printQuery(query)).toBe(expected)
  expect(parseQuery(expected)).toEqual(query)
})

it('is joined to a text query', () => {
  const query = combineQueries(parseQuery('actor:a OR x'), filtersToQuery({ actor: ['b'] }))
  expect(printQuery(query)).toBe('(actor:a OR x) actor:b')
})

it('refuses flags that do not exist', () => {
  expect(() => filtersToQuery({ color: ['red'] } as FilterFlags)).toThrow(TypeError)
})
