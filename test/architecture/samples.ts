/** Files of a tree, by path. */
export type Sources = Readonly<Record<string, string>>

/** Sources that break one rule in one place. */
export interface Sample {
  readonly rule: string
  readonly from: string
  readonly to: string | undefined
  readonly sources: Sources
}

const annals = (path: string): string => `packages/annals/src/${path}`
const pkg = (name: string, more: object = {}): string => JSON.stringify({ name, type: 'module', ...more })

/** A small tree that keeps every rule; the samples import from it. */
export const ALLOWED: Sources = {
  'packages/tlog/package.json': pkg('@annals/tlog', { exports: { '.': './src/index.ts' } }),
  'packages/annals/package.json': pkg('annals'),
  'packages/cli/package.json': pkg('@annals/cli', { dependencies: { driver: '1' } }),
  'node_modules/driver/package.json': pkg('driver', { exports: './index.js' }),
  'node_modules/driver/index.js': 'export default 1',
  'node_modules/undeclared/package.json': pkg('undeclared', { exports: './index.js' }),
  'node_modules/undeclared/index.js': 'export default 1',
  'packages/tlog/src/index.ts': 'export const tree = 1',
  [annals('index.ts')]: "export { open } from './trail/trail.ts'",
  [annals('model/index.ts')]: 'export const event = 1',
  [annals('query/index.ts')]: "export { event as filter } from '../model/index.ts'",
  [annals('log/sequencer.ts')]: "export { event as sequence } from '../model/index.ts'",
  [annals('log/store.ts')]: "export type { filter as Store } from '../query/index.ts'",
  [annals('record/recorder.ts')]: "export { sequence as record } from '../log/sequencer.ts'",
  [annals('stores/memory/index.ts')]:
    "import '../../log/store.ts'\nexport const memory = () => import('driver')",
  [annals('stores/embedded/verify/index.ts')]: "import '../../../verify/index.ts'\nexport const verify = 1",
  [annals('stores/embedded/open.ts')]: "import '../../log/sequencer.ts'\nexport const embedded = 1",
  [annals('verify/index.ts')]: "export { event as check } from '../model/index.ts'",
  [annals('trail/trail.ts')]:
    "export { record } from '../record/recorder.ts'\nexport const open = () => import('../stores/embedded/open.ts')",
  [annals('importers/ndjson.ts')]:
    "import type { open } from '../trail/trail.ts'\nexport type Import = typeof open",
  [annals('testing/index.ts')]: "export { open } from '../trail/trail.ts'",
  [annals('model/index.test.ts')]: "import 'undeclared'\nimport { open } from '../testing/index.ts'\nopen()",
  'packages/cli/src/main.ts': "import 'driver'\nexport const main = 1",
  'packages/viewer/src/index.ts': 'export const viewer = 1',
}

/** A file with one import that must not be. */
function bad(rule: string, from: string, to: string, type: 'import' | 'import type' = 'import'): Sample {
  const up = '../'.repeat(from.split('/').length - 1)
  const what =
    type === 'import'
      ? `import '${up}${to}'`
      : `import type * as it from '${up}${to}'\nexport type It = typeof it`
  return { rule, from, to, sources: { [from]: what } }
}

/** A file that imports a package or a builtin. */
function outside(rule: string, from: string, name: string, to: string): Sample {
  return { rule, from, to, sources: { [from]: `import '${name}'` } }
}

const model = annals('model/index.ts')
const trail = annals('trail/trail.ts')

/** At least one sample for every rule. */
export const VIOLATIONS: readonly Sample[] = [
  bad('layer-model', annals('model/bad.ts'), annals('query/index.ts')),
  bad('layer-query', annals('query/bad.ts'), annals('log/store.ts')),
  bad('layer-catalog', annals('catalog/bad.ts'), annals('log/store.ts')),
  bad('layer-policy', annals('policy/bad.ts'), annals('record/recorder.ts')),
  bad('layer-log', annals('log/bad.ts'), annals('stores/memory/index.ts'), 'import type'),
  bad('layer-record', annals('record/bad.ts'), trail, 'import type'),
  bad('layer-follow', annals('follow/bad.ts'), annals('record/recorder.ts')),
  bad('layer-lifecycle', annals('lifecycle/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-measure', annals('measure/bad.ts'), annals('importers/ndjson.ts')),
  bad('layer-stores', annals('stores/memory/bad.ts'), annals('importers/ndjson.ts')),
  bad('layer-indexes', annals('indexes/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-witness', annals('witness/bad.ts'), annals('record/recorder.ts')),
  bad('layer-timestamps', annals('timestamps/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-archives', annals('archives/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-sinks', annals('sinks/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-adapters', annals('adapters/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-importers', annals('importers/bad.ts'), annals('stores/memory/index.ts')),
  bad('layer-catalogs', annals('catalogs/bad.ts'), annals('formats/bad.ts')),
  bad('layer-formats', annals('formats/bad.ts'), trail, 'import type'),
  bad('layer-remote', annals('remote/bad.ts'), annals('importers/ndjson.ts')),
  bad('layer-observe', annals('observe/bad.ts'), annals('importers/ndjson.ts')),
  bad('never-each-other', annals('stores/memory/other.ts'), annals('stores/embedded/open.ts')),
  bad('never-each-other', annals('sinks/file.ts'), annals('sinks/bad.ts')),
  bad('never-the-recorder', annals('stores/memory/records.ts'), annals('record/recorder.ts')),
  bad('layer-verify', annals('verify/bad.ts'), annals('catalog/bad.ts')),
  bad('verify-never-writes', annals('verify/writes.ts'), annals('log/sequencer.ts')),
  {
    rule: 'verify-never-writes',
    from: annals('verify/far.ts'),
    to: annals('log/sequencer.ts'),
    sources: {
      [annals('verify/far.ts')]: "import '../log/near.ts'",
      [annals('log/near.ts')]: "import './sequencer.ts'",
    },
  },
  bad('verify-never-writes', annals('stores/embedded/verify/bad.ts'), annals('stores/embedded/open.ts')),
  bad('layer-trail', annals('trail/bad.ts'), annals('importers/ndjson.ts')),
  bad('trail-loads-stores-lazily', annals('trail/eager.ts'), annals('stores/memory/index.ts')),
  bad('trail-as-type', annals('importers/records.ts'), trail),
  bad('layer-tlog', 'packages/tlog/src/bad.ts', model),
  bad('layer-annals', annals('bad.ts'), 'packages/cli/src/main.ts'),
  bad('layer-server', 'packages/server/src/bad.ts', 'packages/cli/src/main.ts'),
  bad('layer-cli', 'packages/cli/src/bad.ts', 'packages/viewer/src/index.ts'),
  bad('layer-viewer', 'packages/viewer/src/bad.ts', annals('log/store.ts')),
  bad('across-packages-by-name', 'packages/cli/src/deep.ts', model),
  outside('no-npm-in-kernel', annals('log/npm.ts'), 'driver', 'node_modules/driver/index.js'),
  outside('drivers-lazily', annals('stores/memory/driver.ts'), 'driver', 'node_modules/driver/index.js'),
  outside('runs-in-a-browser', annals('query/node.ts'), 'node:fs', 'fs'),
  outside('runs-in-a-browser', 'packages/tlog/src/node.ts', 'node:crypto', 'crypto'),
  outside('declared-dependency', 'packages/cli/src/npm.ts', 'undeclared', 'node_modules/undeclared/index.js'),
  bad('tests-stay-tests', annals('model/tested.ts'), annals('model/index.test.ts')),
  bad('testing-stays-out', annals('log/tested.ts'), annals('testing/index.ts')),
  { ...bad('no-circles', annals('log/one.ts'), annals('log/two.ts')), sources: circle() },
  {
    rule: 'no-orphans',
    from: annals('log/alone.ts'),
    to: undefined,
    sources: { [annals('log/alone.ts')]: 'export {}' },
  },
  outside('resolves', annals('log/lost.ts'), './nowhere.ts', './nowhere.ts'),
]

/** Two files that need each other, one of them for a type only. */
function circle(): Sources {
  return {
    [annals('log/one.ts')]: "import './two.ts'\nexport type One = 1",
    [annals('log/two.ts')]: "import type { One } from './one.ts'\nexport type Two = One",
  }
}
