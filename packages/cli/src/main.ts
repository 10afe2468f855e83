import { version } from './version.ts'

const words = process.argv.slice(2)
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  // The one question that is asked in loops and prompts: nothing else is loaded for it.
  process.stdout.write(`${version()}\n`)
} else {
  const { runProcess } = await import('./run.ts')
  await runProcess(words)
}
