import { expect, test } from 'vitest'
import { generateSignerKeys, LocalSigner } from '../log/signer.ts'
import { checkNote } from './checkpoint-check.ts'
import { Findings } from './findings.ts'
import { parsePolicy } from './policy.ts'

const memory = { load: async () => undefined, save: async () => {} }
const signer = new LocalSigner('example.com/log', generateSignerKeys(), memory)
const stranger = new LocalSigner('example.com/log', generateSignerKeys(), memory)
const note = await signer.sign(0, new Uint8Array(32), async () => [])

async function check(policy: string): Promise<string[]> {
  const findings = new Findings()
  await checkNote(note, parsePolicy(policy), 'The checkpoint', findings)
  return findings.list.map(finding => finding.code)
}

test('quorums', async () => {
  const log = `log ${signer.vkey}\n`
  const ours = `witness a ${signer.cosignerVkey}\n`
  const theirs = `witness b ${stranger.cosignerVkey} https://witness.example\n`
  expect(await check(`# comment\n\n${log}quorum none\n`)).toEqual([])
  expect(await check(`${log}${ours}quorum a\n`)).toEqual([])
  expect(await check(`${log}${theirs}quorum b\n`)).toEqual(['E_WITNESS_QUORUM'])
  expect(await check(`${log}${ours}${theirs}group g any a b\nquorum g\n`)).toEqual([])
  expect(await check(`${log}${ours}${theirs}group g all a b\nquorum g\n`)).toEqual(['E_WITNESS_QUORUM'])
  expect(await check(`${log}${ours}${theirs}group g 2 a b\nquorum g\n`)).toEqual(['E_WITNESS_QUORUM'])
  expect(await check(`log ${stranger.vkey}\nquorum none\n`)).toEqual(['E_SIG_NONE'])
})

test.each([
  '',
  `log ${signer.vkey}\n`,
  'quorum none\n',
  `log ${signer.vkey}\nquorum a\n`,
  `log ${signer.vkey}\nwitness none ${signer.cosignerVkey}\nquorum none\n`,
  `log ${signer.vkey}\nwitness a ${signer.vkey}\nquorum a\n`,
  `log ${signer.vkey}\nwitness a ${signer.cosignerVkey}\ngroup g 2 a\nquorum g\n`,
  `log ${signer.vkey}\nlogs x\nquorum none\n`,
  'log nonsense\nquorum none\n',
])('refused: %s', text => {
  expect(() => parsePolicy(text)).toThrow(/E_KEY_FORMAT/)
})
