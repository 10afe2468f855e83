import { storedHashId, toBase64Url } from '@annals/tlog'
import { digestBytes, sha256 } from '../../log/digest.ts'
import { type TileSource, treeReader } from '../../log/tree-reader.ts'
import { TreeFold } from '../../verify/tree-fold.ts'
import { formatParts, type SaltedPart } from '../disclose.ts'

/** What a line of tree.ndjson says of an entry. */
export interface EntryLineFacts {
  readonly index: number
  /** Canonical text of the entry. */
  readonly entry: string
  readonly event: boolean
  readonly parts: readonly SaltedPart[]
  readonly erased: readonly string[]
}

/**
 * Writes the log's tree from left to right, `spec/evidence-v1.md` section 4: entries that are in the bundle, and the hashes of
 * the complete subtrees between them. It folds what it writes.
 */
export class TreeLines {
  readonly #source: TileSource
  readonly #size: number
  readonly #write: (line: string) => Promise<void>
  readonly #fold = new TreeFold()

  /** @param size leaves of the tree */
  constructor(source: TileSource, size: number, write: (line: string) => Promise<void>) {
    this.#source = source
    this.#size = size
    this.#write = write
  }

  /** Writes an entry, after the hashes of everything before it. Positions ascend. */
  async entry({ index, entry, event, parts, erased }: EntryLineFacts): Promise<void> {
    await this.#upTo(index)
    const leaf = sha256(Buffer.from(`\0${entry}`, 'latin1'))
    this.#fold.push(0, leaf)
    const gone = erased.length === 0 ? '' : `"erased":${JSON.stringify(erased)},`
    const disclosed = parts.length === 0 ? '' : `,"parts":${formatParts(parts)}`
    await this.#write(
      `{"entry":${entry},${gone}${event ? '"event":true,' : ''}"index":${index},"leaf":"${base64url(leaf)}"${disclosed}}`,
    )
  }

  /** Writes what is left of an entry past its retention. */
  async thinned(index: number, leaf: Buffer, retention: string): Promise<void> {
    await this.#upTo(index)
    this.#fold.push(0, leaf.toString('latin1'))
    await this.#write(`{"index":${index},"leaf":"${toBase64Url(leaf)}","retention":"${retention}"}`)
  }

  /** Writes the hashes of what is left, and answers the root that everything leads to. */
  async end(): Promise<Buffer> {
    await this.#upTo(this.#size)
    return digestBytes(this.#fold.root())
  }

  async #upTo(to: number): Promise<void> {
    const subtrees = subtreesBetween(this.#fold.size, to)
    if (subtrees.length === 0) return
    const ids = subtrees.map(({ index, height }) => storedHashId(height, index / 2 ** height))
    const hashes = await treeReader(this.#source, this.#size).readHashes(ids)
    for (const [i, { index, height }] of subtrees.entries()) {
      const hash = hashes[i] as Uint8Array
      this.#fold.push(height, Buffer.from(hash).toString('latin1'))
      await this.#write(`{"hash":"${toBase64Url(hash)}","height":${height},"index":${index}}`)
    }
  }
}

/** The largest complete subtrees that cover the positions from `from` to `to` (exclusive), from left to right. */
export function subtreesBetween(
  from: number,
  to: number,
): { readonly index: number; readonly height: number }[] {
  const subtrees: { index: number; height: number }[] = []
  for (let index = from; index < to; ) {
    let height = 0
    while (index % 2 ** (height + 1) === 0 && index + 2 ** (height + 1) <= to) height++
    subtrees.push({ index, height })
    index += 2 ** height
  }
  return subtrees
}

function base64url(digest: string): string {
  return Buffer.from(digest, 'latin1').toString('base64url')
}
