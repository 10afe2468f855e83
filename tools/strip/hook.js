import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { entryOf } from './cache.js'

// Preloaded with `--import`, which threads and, through NODE_OPTIONS, processes inherit.
//
// Node.js strips types with WebAssembly, anew in every thread, and V8 13.6 dies of SIGSEGV when many threads come and go that way.
// So a process with one thread strips each source once, and all others read what it wrote.
const FILL = fileURLToPath(new URL('./fill.js', import.meta.url))
const SRC = new URL('../../packages/annals/src/', import.meta.url).href
/** Where a test run has made one file of each thread, as the build does for users. */
const THREADS = process.env['ANNALS_TEST_THREADS']

registerHooks({
  resolve(specifier, context, next) {
    const beside = specifier.startsWith('.') && context.parentURL !== undefined && isSource(context.parentURL)
    if (!beside || !specifier.endsWith('.ts')) return next(specifier, context)
    // Nothing to look for: sources name each other by file.
    return { url: new URL(specifier, context.parentURL).href, shortCircuit: true }
  },
  load(url, context, next) {
    if (!isSource(url)) return next(url, context)
    return {
      format: 'module',
      source: bundled(url) ?? stripped(readFileSync(fileURLToPath(url), 'utf8')),
      shortCircuit: true,
    }
  },
})

function isSource(/** @type {string} */ url) {
  return url.startsWith('file:') && url.endsWith('.ts')
}

function bundled(/** @type {string} */ url) {
  if (THREADS === undefined || !url.startsWith(SRC) || !url.endsWith('-worker.ts')) return undefined
  return readFileSync(`${THREADS}/${url.slice(SRC.length, -'.ts'.length)}.js`, 'utf8')
}

function stripped(/** @type {string} */ text) {
  try {
    return readFileSync(entryOf(text), 'utf8')
  } catch {
    return execFileSync(process.execPath, ['--no-warnings', FILL], {
      input: text,
      encoding: 'utf8',
      env: {},
      stdio: 'pipe',
      maxBuffer: Number.POSITIVE_INFINITY,
    })
  }
}
