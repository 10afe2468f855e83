// The dependency rule: who may import whom. docs/design/architecture.md says why; test/architecture proves that it fires.

const ANNALS = '^packages/annals/src'
const TLOG = '^packages/tlog/src/'
const TESTS = ['\\.(test|test-d|test-support|bench)\\.ts$', `${TLOG}testing/`]

/** Folders of the kernel, lowest layer first. A folder imports the layers below it, never its neighbours. */
const LAYERS = [
  ['model', 'query'],
  ['catalog', 'policy', 'log'],
  ['record', 'follow', 'lifecycle', 'measure', 'witness'],
  [
    'stores',
    'indexes',
    'archives',
    'sinks',
    'adapters',
    'importers',
    'formats',
    'catalogs',
    'observe',
    'remote',
    'timestamps',
  ],
]
/** The only import between neighbours: the query language speaks of events. */
const NEIGHBOURS = { query: ['model'] }
/** Beside the layers: pure checks, which stores feed; and the composition root behind the public API. */
const VERIFY = ['model', 'query', 'log']
const TRAIL = [...LAYERS.slice(0, 3).flat(), 'verify']
/** What the composition root opens when it is asked to. */
const OPENED = ['stores', 'archives', 'timestamps']
/** Folders that may adapt a driver or a framework. */
const DRIVERS = LAYERS[3]
/** Members that never import each other, nor the recorder. */
const ISOLATED = ['stores', 'indexes', 'archives', 'sinks']
/** What may speak of the Trail interface, as a type only. */
const USES_TRAIL_TYPE = ['adapters', 'importers', 'observe', 'remote']
/** What a reader of a log must never load. */
const WRITERS = [
  `${ANNALS}/log/(sequencer|appender)\\.ts$`,
  `${ANNALS}/stores/.+/(open|segment-writer)\\.ts$`,
]

const folders = names => `${ANNALS}/(${names.join('|')})(/|\\.ts$)`
const product = path => ({ path, pathNot: TESTS })
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const layerRules = LAYERS.flatMap((layer, depth) =>
  layer.map(folder => {
    const below = [...LAYERS.slice(0, depth).flat(), ...(NEIGHBOURS[folder] ?? [])]
    if (folder === 'stores') below.push('verify')
    const trail = USES_TRAIL_TYPE.includes(folder) ? [`${ANNALS}/trail/trail\\.ts$`] : []
    return forbid(
      `layer-${folder}`,
      `${folder} imports only tlog${below.map(name => `, ${name}`).join('')}.`,
      product(folders([folder])),
      { path: '^packages/', pathNot: [TLOG, folders([folder, ...below]), ...trail] },
    )
  }),
)

const isolationRules = [
  forbid(
    'never-each-other',
    'Stores, indexes, archives and sinks never import each other.',
    { path: `${ANNALS}/(${ISOLATED.join('|')})/([^/.]+)`, pathNot: TESTS },
    { path: `${ANNALS}/(${ISOLATED.join('|')})/`, pathNot: `${ANNALS}/$1/$2(/|\\.ts$)` },
  ),
  forbid(
    'never-the-recorder',
    'Stores, indexes, archives and sinks import contracts, never record/.',
    product(folders(ISOLATED)),
    { path: folders(['record']) },
  ),
]

const compositionRules = [
  forbid('layer-verify', `verify imports only tlog, ${VERIFY.join(', ')}.`, product(folders(['verify'])), {
    path: '^packages/',
    pathNot: [TLOG, folders(['verify', ...VERIFY])],
  }),
  forbid(
    'verify-never-writes',
    'Checks never reach a file that writes a log.',
    product([folders(['verify']), `${ANNALS}/stores/.+/verify/`]),
    { path: WRITERS, reachable: true },
  ),
  forbid(
    'layer-trail',
    'The composition root imports the kernel, verify and what an application asks it to open.',
    product(folders(['trail'])),
    { path: '^packages/', pathNot: [TLOG, folders(['trail', ...OPENED, ...TRAIL])] },
  ),
  forbid(
    'trail-loads-stores-lazily',
    'Only import() or import type: an application loads what it opens and no other.',
    product(folders(['trail'])),
    { path: folders(OPENED), dynamic: false, dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'trail-as-type',
    'Those who record into a trail know its interface, not its code.',
    product(folders(USES_TRAIL_TYPE)),
    { path: `${ANNALS}/trail/`, dependencyTypesNot: ['type-only'] },
  ),
]

const packageRules = [
  forbid('layer-tlog', '@annals/tlog imports nothing of ours.', product(TLOG), {
    path: '^packages/',
    pathNot: TLOG,
  }),
  forbid('layer-annals', 'The kernel knows tlog only.', product(`${ANNALS}/`), {
    path: '^packages/',
    pathNot: [TLOG, `${ANNALS}/`],
  }),
  forbid('layer-server', 'The server does not know the command line.', product('^packages/server/'), {
    path: '^packages/cli/',
  }),
  forbid('layer-cli', 'The command line does not know the viewer.', product('^packages/cli/'), {
    path: '^packages/viewer/',
  }),
  forbid('layer-viewer', 'The viewer imports only tlog, model and query.', product('^packages/viewer/'), {
    path: '^packages/',
    pathNot: ['^packages/viewer/', TLOG, folders(['model', 'query'])],
  }),
  forbid(
    'across-packages-by-name',
    'Packages import each other by name, through their exports.',
    { path: '^packages/([^/]+)/' },
    { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
  ),
]

const outsideRules = [
  forbid(
    'no-npm-in-kernel',
    'The kernel has no runtime dependency.',
    { path: [TLOG, `${ANNALS}/`], pathNot: [...TESTS, folders(DRIVERS)] },
    { path: 'node_modules/' },
  ),
  forbid(
    'drivers-lazily',
    'Drivers and frameworks are loaded by import() in the one file that adapts them.',
    product(folders(DRIVERS)),
    { path: 'node_modules/', dynamic: false, dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'runs-in-a-browser',
    'tlog, model and query use nothing of Node.js: the viewer loads them.',
    product([TLOG, folders(['model', 'query'])]),
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'declared-dependency',
    'A package that is imported is a dependency in package.json.',
    product('^packages/(cli|server|viewer)/src/'),
    { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  ),
]

const generalRules = [
  forbid(
    'tests-stay-tests',
    'Product code imports no test.',
    { pathNot: [...TESTS, '^test/', '^tools/'] },
    { path: TESTS },
  ),
  forbid(
    'testing-stays-out',
    'testing/ and conformance/ are for users and tests; nothing in the product imports them.',
    { path: `${ANNALS}/`, pathNot: [...TESTS, folders(['testing', 'conformance'])] },
    { path: folders(['testing', 'conformance']) },
  ),
  forbid('no-circles', 'Types count, too.', {}, { circular: true }),
  forbid(
    'no-orphans',
    'Nothing imports this file and it imports nothing.',
    {
      orphan: true,
      path: '^packages/',
      pathNot: [...TESTS, '/index\\.ts$', '\\.d\\.ts$', '/bin/', folders(DRIVERS)],
    },
    {},
  ),
  forbid('resolves', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
]

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    ...isolationRules,
    ...compositionRules,
    ...packageRules,
    ...outsideRules,
    ...generalRules,
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['(^|/)dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['annals-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
