/** A stage of `npm test`: every command runs, also after another failed, so that all output is seen at once. */
export interface Stage {
  /** Word that selects the stage: `node tools/test.ts <word>`. */
  readonly word: string
  readonly title: string
  readonly commands: readonly (readonly string[])[]
  /** Counted test by test, or check by check, instead of as one. */
  readonly counts?: true
}

/** In the order of the run. */
export const STAGES: readonly Stage[] = [
  {
    word: 'lint',
    title: 'Format and lint',
    commands: [
      ['biome', 'ci', '--error-on-warnings', '.'],
      ['eslint', '--max-warnings', '0', '.'],
    ],
  },
  {
    word: 'types',
    title: 'Types',
    commands: [
      ['tsc', '-b', 'packages/cli'],
      ['node', 'tools/threads/build.ts'],
      ['tsc', '-p', 'tsconfig.check.json'],
    ],
  },
  {
    word: 'architecture',
    title: 'Architecture',
    commands: [['depcruise', '--config', 'dependency-rules.js', '--output-type', 'err-long', 'packages']],
  },
  {
    word: 'unit',
    title: 'Unit, type, conformance, crash and tamper tests',
    commands: [['vitest', 'run', '--reporter=default', '--reporter=./tools/vitest/counts.ts']],
    counts: true,
  },
  { word: 'packaging', title: 'Packaging and size', commands: [['node', 'tools/packaging.ts']] },
  {
    word: 'docs',
    title: 'Documentation',
    commands: [
      ['typedoc', '--emit', 'none'],
      ['node', 'tools/docs.ts'],
    ],
    counts: true,
  },
  { word: 'examples', title: 'Examples', commands: [['node', 'tools/examples.ts']] },
]
