import type { Digest } from './digest.ts'
import { type GgmNode, GgmWalk, ggmOnly, ggmWithout } from './ggm.ts'
import type { ClassSecrets, Puncture } from './key-store.ts'
import { partSeed } from './secrets.ts'

/** `e` of a part that outlived the `g` of its entry. */
export interface KeptPart {
  readonly offset: number
  readonly name: string
  readonly e: Digest
}

/** What is left of the secrets of a class in a chunk, `spec/log-v1.md` section 17. */
export interface SecretSet {
  /** Nodes of the derivation tree, by offset. */
  readonly nodes: readonly GgmNode[]
  /** By offset and name. */
  readonly parts: readonly KeptPart[]
}

/** The set as readers ask for it; it does not follow later changes. */
export function classSecrets({ nodes, parts }: SecretSet): ClassSecrets {
  const walk = new GgmWalk(nodes)
  const kept = new Map(parts.map(({ offset, name, e }) => [`${offset}/${name}`, e]))
  return {
    leaf: offset => walk.leaf(offset),
    partSeed(offset, name) {
      const g = walk.leaf(offset)
      return g === undefined ? kept.get(`${offset}/${name}`) : partSeed(g, name)
    },
  }
}

/**
 * The set without these entries, or without all but some of their parts. Of an entry that was punctured before, what both
 * times keep is left.
 */
export function punctured(set: SecretSet, punctures: readonly Puncture[]): SecretSet {
  const before = classSecrets(set)
  const wanted = new Map<number, ReadonlySet<string>>()
  for (const { offset, kept } of punctures) {
    const names = wanted.get(offset)
    wanted.set(offset, new Set(names === undefined ? kept : kept.filter(name => names.has(name))))
  }
  const parts = set.parts.filter(({ offset }) => !wanted.has(offset))
  for (const [offset, names] of wanted) {
    for (const name of names) {
      const e = before.partSeed(offset, name)
      if (e !== undefined) parts.push({ offset, name, e })
    }
  }
  return { nodes: ggmWithout(set.nodes, [...wanted.keys()]), parts: parts.sort(byPlace) }
}

/** The set with nothing but what it has of these entries; undefined when that is nothing. */
export function onlyEntries(set: SecretSet, offsets: readonly number[]): SecretSet | undefined {
  const wanted = new Set(offsets)
  const nodes = ggmOnly(set.nodes, offsets)
  const parts = set.parts.filter(({ offset }) => wanted.has(offset))
  return nodes.length === 0 && parts.length === 0 ? undefined : { nodes, parts }
}

function byPlace(a: KeptPart, b: KeptPart): number {
  return a.offset - b.offset || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}
