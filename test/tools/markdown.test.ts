import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokenLinks } from '../../tools/docs/links.ts'
import { anchors, countMarks, markedBlocks } from '../../tools/docs/markdown.ts'

const FENCE = '```'

describe('markedBlocks', () => {
  const page = `# A\n\n<!-- run -->\n${FENCE}sh\nannals list\n${FENCE}\n\n${FENCE}ts\nskipped()\n${FENCE}\n<!-- test -->\n\n${FENCE}sh\nnpm test\n${FENCE}\n`

  test('finds the blocks of a mark with their language and line', () => {
    expect(markedBlocks(page, 'run')).toEqual([{ language: 'sh', code: 'annals list\n', line: 4 }])
    expect(markedBlocks(page, 'test')).toEqual([{ language: 'sh', code: 'npm test\n', line: 13 }])
  })

  test('a mark without a block is counted all the same', () => {
    expect(countMarks(`${page}\n<!-- run -->\ntext\n`, 'run')).toBe(2)
  })
})

test('anchors are those of GitHub', () => {
  const page = `# The \`record()\` call\n## Same\n## Same\n${FENCE}sh\n# no heading\n${FENCE}\n### A [link](x.md), a comma\n`
  expect([...anchors(page)]).toEqual(['the-record-call', 'same', 'same-1', 'a-link-a-comma'])
})

test('brokenLinks tells files and headings that do not exist, and leaves code alone', () => {
  const root = mkdtempSync(join(tmpdir(), 'annals-links-'))
  try {
    mkdirSync(join(root, 'docs'))
    writeFileSync(join(root, 'docs/b.md'), '# Here\n')
    const links =
      '[a](docs/b.md#here) [b](docs/b.md#there) [c](lost.md) [d](https://x.example) `[e](f.md)` [g](../../x)\n'
    writeFileSync(join(root, 'a.md'), `${links}\n[r]: gone.md\n`)
    expect(brokenLinks(root, 'a.md')).toEqual([
      'a.md: docs/b.md#there has no such heading',
      'a.md: lost.md does not exist',
      'a.md: ../../x leaves the repository',
      'a.md: gone.md does not exist',
    ])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
