import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'

const folder = new URL('./', import.meta.url)
const sources = readdirSync(folder).filter(
  name => name.endsWith('.ts') && !/\.(?:test|test-d|bench)\.ts$/.test(name),
)

const bitOperators = new Set([
  ts.SyntaxKind.BarToken,
  ts.SyntaxKind.AmpersandToken,
  ts.SyntaxKind.CaretToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
  ts.SyntaxKind.BarEqualsToken,
  ts.SyntaxKind.AmpersandEqualsToken,
  ts.SyntaxKind.CaretEqualsToken,
  ts.SyntaxKind.LessThanLessThanEqualsToken,
  ts.SyntaxKind.GreaterThanGreaterThanEqualsToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken,
])

/** Bit operations on groups of at most 24 bits of data, never on sizes or indices. */
const mayUseBits = new Set(['base64.ts'])

/** Everything of Node, and everything that is not pure. */
const forbiddenNames = new Set([
  'Buffer',
  'process',
  'require',
  'global',
  'fetch',
  'setTimeout',
  'Date',
  'crypto',
  'console',
])

function faults(name: string, text: string): string[] {
  const found: string[] = []
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const say = (node: ts.Node, what: string): void => {
    found.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${what}`)
  }
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      const from = (node.moduleSpecifier as ts.StringLiteral).text
      if (!/^\.\/[a-z0-9-]+\.ts$/.test(from)) say(node, `imports ${from}`)
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      say(node, 'dynamic import')
    if (ts.isIdentifier(node) && forbiddenNames.has(node.text) && !isMemberName(node)) say(node, node.text)
    if (!mayUseBits.has(name)) {
      if (ts.isBinaryExpression(node) && bitOperators.has(node.operatorToken.kind))
        say(node, '32-bit operator')
      if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.TildeToken)
        say(node, '32-bit operator')
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  return (
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isTypeReferenceNode(parent)
  )
}

test.each(sources)('%s is pure: no node, no Buffer, no 32-bit operator on sizes', name => {
  expect(faults(name, readFileSync(new URL(name, folder), 'utf8'))).toEqual([])
})

test('the scan finds what it looks for', () => {
  const bad = [
    "import { hash } from 'node:crypto'",
    "import x from 'other-package'",
    "await import('./x.ts')",
    'Buffer.from([1])',
    'const a = b | 0',
    'a >>= 1',
    'const c = ~a',
    'const d = 1 << 31',
    'const e = a >>> 0',
    'process.exit()',
  ]
  for (const text of bad) expect(faults('x.ts', text)).toHaveLength(1)
  expect(faults('x.ts', "type A = 'a' | 'b'; type B = A & { c: 1 }; const s = 'node:fs | Buffer'")).toEqual(
    [],
  )
})

test('the package has no dependencies', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', folder), 'utf8')) as Record<
    string,
    unknown
  >
  expect(manifest['dependencies']).toBeUndefined()
  expect(manifest['peerDependencies']).toBeUndefined()
})
