import { spawnSync } from 'node:child_process'
import type { Block } from './markdown.ts'

/** Programs that blocks of the guides run and that not every machine has. */
const PROGRAMS = ['curl', 'jq'] as const

/** Which of them blocks need and this machine lacks. */
export function lacking(blocks: readonly Block[]): readonly string[] {
  return PROGRAMS.filter(name => blocks.some(block => needs(block, name)) && !has(name))
}

function needs({ language, code }: Block, program: string): boolean {
  return language === 'sh' && new RegExp(`(^|[\\s|(])${program} `, 'm').test(code)
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}
