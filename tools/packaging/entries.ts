import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { Check } from '../lib/report.ts'
import { searchPath } from '../lib/run.ts'
import type { Packed } from './pack.ts'

/** Entry points: they exist (publint), and their types are those of the code (attw). */
export async function entryChecks(packed: Packed): Promise<readonly Check[]> {
  const { name } = packed.source.manifest
  return [
    { name: `publint of ${name}`, problems: await published(packed) },
    { name: `types of ${name}`, problems: wrongTypes(packed) },
  ]
}

async function published({ tarball }: Packed): Promise<readonly string[]> {
  const bytes = readFileSync(tarball)
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: content }, strict: true })
  return messages.map(message => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** ESM only: what `require` would find is of no interest. */
function wrongTypes({ tarball }: Packed): readonly string[] {
  const words = [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color']
  const { status, stdout, stderr } = spawnSync('attw', words, {
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPath() },
    shell: process.platform === 'win32',
  })
  return status === 0 ? [] : [`${stdout}${stderr}`.trim()]
}
