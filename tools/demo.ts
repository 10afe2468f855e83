import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleDrafts } from 'annals/testing'
import { searchPath } from './lib/run.ts'
import { temporary } from './lib/temporary.ts'

/** Names a CloudTrail file to import, too. */
const CLOUDTRAIL = 'ANNALS_DEMO_CLOUDTRAIL'
const EVENTS = 2000

using place = temporary('demo')
const env = { ...process.env, PATH: searchPath(), ANNALS_DIR: 'trail' }

console.log(`A made-up history of ${EVENTS} events in drafts.ndjson; the same on every machine.`)
const lines = Array.from(sampleDrafts({ count: EVENTS, seed: 7 }), draft => `${JSON.stringify(draft)}\n`)
writeFileSync(join(place.path, 'drafts.ndjson'), lines.join(''))

show('Make a log', ['init', '--origin', 'demo.example/audit'])
show('Record the history', ['import', 'ndjson', 'drafts.ndjson'])
show('The newest events', ['list', '--limit', '10'])
show('Only what failed or was refused', ['list', 'NOT outcome:success', '--limit', '5'])
show('Who did what how often', ['stats', '--by', 'action'])
show('Follow the log; this ends after the backlog', ['tail', '-n', '5', '--until-match'])
const cloudtrail = process.env[CLOUDTRAIL]
if (cloudtrail !== undefined && cloudtrail !== '') {
  show('Import what AWS CloudTrail logged', ['import', 'cloudtrail', cloudtrail])
  show('CloudTrail beside the rest', ['list', '--limit', '5'])
}
show('Check that nothing was tampered with', ['verify'])
show('A proof of one event, for anyone who has the public key', ['proof', '1000'])
console.log('\nThe demo is over; its directory is removed.')

/** Runs one command of `annals` and shows it as it would be typed. */
function show(heading: string, words: readonly string[]): void {
  console.log(`\n== ${heading} ==\n$ annals ${words.map(quoted).join(' ')}`)
  const { status, error } = spawnSync('annals', words, {
    cwd: place.path,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`annals ${words[0]}: exit code ${status}`)
}

function quoted(word: string): string {
  return /^[\w./@:=-]+$/.test(word) ? word : `'${word}'`
}
