import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'

function make(): string {
  return mkdtempSync(join(tmpdir(), 'annals-cli-'))
}

/** A function that makes directories which are removed after each test. */
export function temporaryDirectories(): () => string {
  const made: string[] = []
  afterEach(() => {
    for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
  })
  return () => {
    const dir = make()
    made.push(dir)
    return dir
  }
}

/** One directory for all tests of a file, as a function because it is made when they begin. */
export function temporaryDirectory(): () => string {
  let dir = ''
  beforeAll(() => {
    dir = make()
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  return () => dir
}
