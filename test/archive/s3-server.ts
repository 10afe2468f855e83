import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SCRIPT = new URL('./rgw.sh', import.meta.url).pathname
const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool']

/** Why there is no S3 server to test against here; undefined when there is. */
export const noServer: string | undefined = PROGRAMS.some(
  name => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
)
  ? 'needs radosgw (Debian packages ceph-mon, ceph-osd, radosgw, ceph-common)'
  : undefined

/** A running S3 server, and what gets at it. */
export interface S3Server {
  readonly endpoint: string
  readonly port: number
  readonly accessKeyId: string
  readonly secretAccessKey: string
  stop(): void
}

/** Starts a server of its own. @param lifecycleSeconds length of a day for lifecycle rules */
export async function startS3(lifecycleSeconds = 2): Promise<S3Server> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-rgw-'))
  const [port, monport] = [await freePort(), await freePort()]
  const [accessKeyId, secretAccessKey] = ['annalstestaccess', 'annals-test-secret-annals-test']
  const run = (command: string) =>
    spawnSync('bash', [SCRIPT, command, dir, String(port), String(monport)], {
      encoding: 'utf8',
      timeout: 110_000,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, AK: accessKeyId, SK: secretAccessKey, LC_SECONDS: String(lifecycleSeconds) },
    })
  const stop = (): void => {
    run('stop')
    rmSync(dir, { recursive: true, force: true })
  }
  const started = run('start')
  if (started.status !== 0) {
    stop()
    throw new Error(`the S3 server did not start: ${started.stderr}`)
  }
  return { endpoint: `http://127.0.0.1:${port}`, port, accessKeyId, secretAccessKey, stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
