import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CACHE, entryOf } from './cache.js'

// Prints a source without its types, and while it is at it strips every other source of the project that was not.
const ROOT = join(import.meta.dirname, '../..')
const asked = await text(process.stdin)
process.stdout.write(stripTypeScriptTypes(asked))
try {
  fill([asked, ...sources()])
} catch {
  // It may not be allowed to write there, and another one may be at work: the next who asks tries again.
}

function* sources() {
  for (const path of globSync('{packages/*/src,test,tools,bench,examples}/**/*.ts', { cwd: ROOT }))
    yield readFileSync(join(ROOT, path), 'utf8')
}

function fill(/** @type {Iterable<string>} */ texts) {
  mkdirSync(CACHE, { recursive: true })
  const current = new Set()
  for (const source of texts) {
    const entry = entryOf(source)
    current.add(basename(entry))
    if (!existsSync(entry)) write(entry, source)
  }
  for (const name of readdirSync(CACHE)) if (!current.has(name)) rmSync(join(CACHE, name), { force: true })
}

function write(/** @type {string} */ entry, /** @type {string} */ source) {
  let code
  try {
    code = stripTypeScriptTypes(source)
  } catch {
    // Unfinished; whoever loads it is told.
    return
  }
  // Nobody sees half of it.
  writeFileSync(`${entry}.${process.pid}`, code)
  renameSync(`${entry}.${process.pid}`, entry)
}
