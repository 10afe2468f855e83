import { UsageFailure } from '../failure/failure.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The address of a server in the one form in which addresses are compared: no slash at the end. Tokens go there, so it is https,
 * or this machine, unless ANNALS_ALLOW_HTTP says that the network is trusted.
 *
 * @param source where it was given, for messages
 * @throws UsageFailure
 * @example
 * ```ts
 * endpointOf('https://annals.example/', '--endpoint', {}) // 'https://annals.example'
 * ```
 */
export function endpointOf(
  text: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UsageFailure(`${source}: ${JSON.stringify(text)} is not the address of a server`, {
      hint: 'Write it as https://annals.example.com, or http://127.0.0.1:8377.',
    })
  if (url.username !== '' || url.password !== '')
    throw new UsageFailure(`${source}: the address holds a password`, {
      why: 'addresses are shown and kept in histories',
      hint: 'Give the token with ANNALS_TOKEN, --token-file or "annals login".',
    })
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname) && !env['ANNALS_ALLOW_HTTP'])
    throw new UsageFailure(`${source}: http:// to another machine`, {
      why: 'the token and every event would cross the network in the clear',
      hint: 'Use https://, or set ANNALS_ALLOW_HTTP=1 where the network itself is encrypted.',
    })
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
