import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const SRC = join(import.meta.dirname, '../../packages/annals/src')

/**
 * Makes one file of every module that a thread runs and what it imports. A thread that loads a hundred modules needs a fifth of a
 * second of CPU before its first answer, and a log that is opened starts four.
 *
 * @param out directory in which they stand as their sources do below `src`
 */
export async function bundleThreads(out: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: globSync('**/*-worker.ts', { cwd: SRC }).map(path => join(SRC, path)),
    outbase: SRC,
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['annals-source'],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    write: false,
  })
  // A module that asks where it is would be told where its thread's is.
  const lost = outputFiles.filter(({ path, text }) => path.endsWith('.js') && text.includes('import.meta'))
  if (lost.length > 0)
    throw new Error(
      `import.meta means another file once it is bundled: ${lost.map(({ path }) => path).join(', ')}`,
    )
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contents)
  }
}
