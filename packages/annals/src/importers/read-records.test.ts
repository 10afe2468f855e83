import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ReadRecord, readRecords } from './read-records.ts'

const encoder = new TextEncoder()

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? encoder.encode(part) : part
}

async function read(input: AsyncIterable<Uint8Array>, maxRecordBytes?: number): Promise<ReadRecord[]> {
  const found: ReadRecord[] = []
  for await (const one of readRecords(input, { envelopes: ['Records', 'items'], maxRecordBytes }))
    found.push(one)
  return found
}

async function readText(...parts: readonly (string | Uint8Array)[]): Promise<ReadRecord[]> {
  return await read(chunks(...parts))
}

/** `line record` or `line !`, which is short enough to compare. */
function brief(found: readonly ReadRecord[]): string[] {
  return found.map(one => ('reason' in one ? `${one.line} !` : `${one.line} ${JSON.stringify(one.record)}`))
}

const ABC = [{ a: 1 }, { b: [2, '}]"\\', { c: null }] }, { c: 'x\ny' }]
const LINES = ABC.map(value => JSON.stringify(value))

describe('readRecords', () => {
  it('reads lines: CRLF, blank lines, a mark, a last line without line break', async () => {
    expect(brief(await readText('\ufeff\n{"a":1}\r\n\r\n  \n{"b":2}\n{"c":3}'))).toEqual([
      '2 {"a":1}',
      '5 {"b":2}',
      '6 {"c":3}',
    ])
    expect(await readText('')).toEqual([])
    expect(await readText('\ufeff')).toEqual([])
    expect(await readText('\n\n')).toEqual([])
    expect(brief(await readText('1\n"x"\nnull'))).toEqual(['1 1', '2 "x"', '3 null'])
  })

  it('reads an array, an envelope and one object, pretty-printed or not', async () => {
    const records = LINES.join(' ')
    for (const indent of [undefined, 2, '\t']) {
      for (const document of [
        ABC,
        { Records: ABC },
        { kind: 'List', metadata: { items: [] }, items: ABC, more: { Records: [1] } },
      ]) {
        const found = await readText(JSON.stringify(document, null, indent))
        expect(found.map(one => ('record' in one ? JSON.stringify(one.record) : one.reason)).join(' ')).toBe(
          records,
        )
      }
    }
    expect(brief(await readText(JSON.stringify({ a: { Records: [1] }, b: 2 }, null, 1)))).toEqual([
      '1 {"a":{"Records":[1]},"b":2}',
    ])
    expect(brief(await readText('{"a":\n1}{"b":2}\n\n[3,\n4]'))).toEqual([
      '1 {"a":1}',
      '2 {"b":2}',
      '4 3',
      '5 4',
    ])
    expect(brief(await readText('{"Records":[]}'))).toEqual([])
    expect(brief(await readText('[\n]'))).toEqual([])
    expect(brief(await readText('[\n1,\n"a,b"\n, true,[],\n{}]'))).toEqual([
      '2 1',
      '3 "a,b"',
      '4 true',
      '4 []',
      '5 {}',
    ])
  })

  it('reads comma-first documents and one record a line inside an envelope', async () => {
    expect(brief(await readText('{"Records":[\n{"a":1},\n{"b":2}\n]}'))).toEqual(['2 {"a":1}', '3 {"b":2}'])
    expect(brief(await readText('{ "kind": "EventList"\n, "items": [{"a":1}\n, {"b":2}]}'))).toEqual([
      '2 {"a":1}',
      '3 {"b":2}',
    ])
  })

  it('rejects a bad line with its number, and reads the others', async () => {
    const found = await readText(
      '{"a":1}\n{"b":\n',
      Uint8Array.of(0x22, 0xff, 0x22, 10),
      '{"c":3}\nnope\n{"d":4}',
    )
    expect(brief(found)).toEqual(['1 {"a":1}', '2 !', '3 !', '4 {"c":3}', '5 !', '6 {"d":4}'])
    expect(found[1]).toMatchObject({ reason: expect.stringMatching(/^not JSON: /) })
    expect(found[2]).toMatchObject({ reason: 'not UTF-8' })
  })

  it('rejects one damaged record of a document, and reads the others', async () => {
    for (const separator of [',', ',\n']) {
      for (const bad of ['{"x":1,}', '{"x" 1}', 'nope', '{"x":[1}', '{"x":"\t"}']) {
        const found = await readText(`{"Records":[${[LINES[0], bad, LINES[1]].join(separator)}]}`)
        expect(found.map(one => 'reason' in one)).toEqual([false, true, false])
      }
    }
    expect(brief(await readText('[\n{"a":1},\n{"b":"cut\n},\n{"c":3}\n]'))).toEqual([
      '2 {"a":1}',
      '3 !',
      '5 {"c":3}',
    ])
    expect(brief(await readText('[\n{"a":1},\n{"b":'))).toEqual(['2 {"a":1}', '3 !', '3 !'])
  })

  it('rejects an over-long record, also the first or the only one, and reads the others', async () => {
    const long = JSON.stringify({ long: 'x'.repeat(200) })
    expect(brief(await read(chunks(`{"a":1}\n${long}\n{"b":2}`), 100))).toEqual([
      '1 {"a":1}',
      '2 !',
      '3 {"b":2}',
    ])
    expect(brief(await read(chunks(`${long}\n{"b":2}`), 100))).toEqual(['1 !', '2 {"b":2}'])
    expect(brief(await read(chunks(`${long.slice(0, -1)}\n{"b":2}`), 100))).toEqual(['1 !', '2 {"b":2}'])
    expect(brief(await read(chunks(`${long.slice(0, -2)}\n{"b":2}`), 100))).toEqual(['1 !', '2 {"b":2}'])
    expect(brief(await read(chunks(long), 100))).toEqual(['1 !'])
    expect(brief(await read(chunks(`[{"a":1},${long},{"b":2}]`), 100))).toEqual([
      '1 {"a":1}',
      '1 !',
      '1 {"b":2}',
    ])
    const many = JSON.stringify({ Records: Array.from({ length: 50 }, (_, n) => ({ n })) })
    expect(await read(chunks(many), 100)).toHaveLength(50)
  })

  it('keeps numbers that a double cannot hold as text, and says where', async () => {
    const text =
      '{"a/b":[9007199254740993,-9007199254740991,0.1],"e":1e400,"tiny":1e-400,"f":0.12345678901234567890,"g":1.50,"h":"9007199254740993"}'
    expect(await readText(text)).toEqual([
      {
        line: 1,
        bytes: text.length,
        record: {
          'a/b': ['9007199254740993', -9007199254740991, 0.1],
          e: '1e400',
          tiny: '1e-400',
          f: '0.12345678901234567890',
          g: 1.5,
          h: '9007199254740993',
        },
        textNumbers: ['/a~1b/0', '/e', '/tiny', '/f'],
      },
    ])
    expect(await readText('{"Records":[{"a":1},{"b":12345678901234567890}]}')).toMatchObject([
      { line: 1 },
      { textNumbers: ['/b'] },
    ])
  })

  it('survives nesting that would overflow the stack', async () => {
    expect(brief(await readText(`${'['.repeat(200_000)}${']'.repeat(200_000)}\n{"a":1}`)).at(-1)).toBe(
      '2 {"a":1}',
    )
    expect(
      brief(await readText(`{"a":1}\n${'{"x":'.repeat(100_000)}1${'}'.repeat(100_000)}\n{"a":1}`)),
    ).toEqual(['1 {"a":1}', '2 !', '3 {"a":1}'])
  })

  it('gives the same for every split of the input', async () => {
    const texts = [
      `\ufeff${LINES.join('\r\n')}\n\nbad\n{"é":"\\u00e9 漢字 🙂"}`,
      JSON.stringify({ meta: 'a"b', Records: ABC }, null, 2),
      JSON.stringify(ABC),
      '[\n{"a":"cut\n},\n{"c":3}, 12\n]\n',
    ]
    for (const text of texts) {
      const bytes = encoder.encode(text)
      const whole = await readText(bytes)
      expect(whole.length).toBeGreaterThan(2)
      for (let at = 0; at <= bytes.length; at += 1)
        expect(await readText(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
      expect(await readText(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(whole)
    }
  })

  it('reads what follows a first line that was cut anywhere', async () => {
    const first = JSON.stringify({ a: [1, { b: 'x' }], c: 'y, {', d: null })
    for (let at = 1; at < first.length; at += 1) {
      const found = brief(await readText(`${first.slice(0, at)}\n{"n":1}\n{"n":2}\n{"n":3}`))
      expect(found.slice(-3), first.slice(0, at)).toEqual(['2 {"n":1}', '3 {"n":2}', '4 {"n":3}'])
    }
  })

  it('reads back whatever JSON can say', async () => {
    const value = fc
      .oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })))
      .filter(one => !Array.isArray(one))
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (values, size) => {
          const expected = values.map(one =>
            JSON.parse(JSON.stringify(one), (_, part: unknown) =>
              typeof part === 'number' && Math.abs(part) > 2 ** 53 - 1 ? String(part) : part,
            ),
          )
          for (const text of [
            values.map(one => JSON.stringify(one)).join('\n'),
            JSON.stringify(values),
            JSON.stringify({ items: values }, null, 2),
          ]) {
            const bytes = encoder.encode(text)
            const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, nth) =>
              bytes.slice(nth * size, (nth + 1) * size),
            )
            const found = await read(chunks(...parts))
            expect(found.map(one => ('record' in one ? one.record : one.reason))).toEqual(expected)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('never throws for bytes that are no JSON', async () => {
    const noise = fc.string({
      unit: fc.constantFrom(
        '[',
        ']',
        '{',
        '}',
        '"',
        ',',
        ':',
        '\n',
        '\\',
        ' ',
        '1',
        'Records',
        '"Records":[',
      ),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(noise, fc.uint8Array()), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (parts, most) => {
          for (const found of await read(chunks(...parts), most)) expect(found.line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('holds one record at a time, and lets go of the input when it is left', async () => {
    let ended = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        const line = encoder.encode(`${JSON.stringify({ text: 'x'.repeat(1000) })}\n`)
        for (;;) yield line
      } finally {
        ended = true
      }
    }
    let seen = 0
    for await (const _ of readRecords(endless())) {
      seen += 1
      if (seen === 10_000) break
    }
    expect(ended).toBe(true)
  })

  it('refuses a bound that is none', () => {
    expect(() => readRecords(chunks(), { maxRecordBytes: 0 })).toThrow(TypeError)
  })
})
