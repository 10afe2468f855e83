import type { Check } from '../lib/report.ts'
import type { Packed } from './pack.ts'

const UNWANTED = /\.(test|test-d|test-support|bench)\.|\.tsbuildinfo$|(^|\/)tsconfig[^/]*\.json$|\.golden\./
const COMPILED = /^dist\/(.+)\.js$/
const SOURCE = /^src\/(.+)\.ts$/

/** What is published: sources and what they compile to, one for one, and no tests. */
export function contentChecks({ source, files }: Packed): readonly Check[] {
  const problems = [
    ...files.filter(file => UNWANTED.test(file)).map(file => `${file} must not be published`),
    ...missing(
      files,
      COMPILED,
      name => `src/${name}.ts`,
      'has no source; run npm run clean, then npm run build',
    ),
    ...missing(files, COMPILED, name => `dist/${name}.d.ts`, 'has no types'),
    ...missing(files, SOURCE, name => `dist/${name}.js`, 'is published but not built'),
  ]
  return [{ name: `contents of ${source.manifest.name}`, problems, note: `${files.length} files` }]
}

function missing(
  files: readonly string[],
  pattern: RegExp,
  counterpart: (name: string) => string,
  why: string,
): readonly string[] {
  const present = new Set(files)
  return files
    .filter(file => !UNWANTED.test(file))
    .flatMap(file => {
      const name = pattern.exec(file)?.[1]
      return name !== undefined && !present.has(counterpart(name)) ? [`${file} ${why}`] : []
    })
}
