import { canonicalize } from '@annals/tlog'
import { ARCHIVE_DICTIONARY_ID } from '../../log/archive-dictionary.ts'
import { type ArchiveManifest, MAX_MANIFEST_BYTES, parseArchiveManifest } from '../../log/archive-manifest.ts'
import { type ArchiveName, archivePath, MANIFEST_OBJECT } from '../../log/archive-path.ts'
import { type Digest, sha256Base64Url } from '../../log/digest.ts'
import type { Range } from '../../log/log-store.ts'
import { isObject } from '../../log/parts.ts'
import { checkNote, headOf, type KnownHead } from '../checkpoint-check.ts'
import { Findings } from '../findings.ts'
import type { TrustPolicy } from '../policy.ts'
import { SourceCounters, type SourceRanges } from '../source-ranges.ts'
import { TreeFold } from '../tree-fold.ts'
import type { ArchiveSource } from './archive-source.ts'
import { type ChunkSurroundings, checkChunk } from './chunk-check.ts'
import { archiveClaim } from './claim.ts'
import { Explained } from './explained.ts'
import type { VerifyArchiveOptions, VerifyArchiveReport } from './report.ts'

/** Checks chunk after chunk of an archive, and what they say about each other. */
export class ArchiveCheck {
  readonly #source: ArchiveSource
  readonly #prefix: string
  readonly #policy: TrustPolicy
  readonly #options: VerifyArchiveOptions
  readonly #places: readonly ArchiveName[]
  readonly #findings = new Findings()
  readonly #counters = new SourceCounters()
  readonly #explained = new Explained()
  readonly #around: ChunkSurroundings
  /** SHA-256 of manifests: as log.archive has it by path, and as log.seal has it by first position. */
  readonly #archived = new Map<string, string>()
  readonly #sealed = new Map<number, string>()
  readonly #manifests = new Map<
    string,
    { readonly lo: number; readonly whole: string; readonly seal: string }
  >()
  #kept: KnownHead | undefined
  #keptMet = false
  #checked = 0
  #done = 0
  #previous: { readonly hi: number; readonly root: Digest | undefined } | undefined

  constructor(
    source: ArchiveSource,
    prefix: string,
    policy: TrustPolicy,
    options: VerifyArchiveOptions,
    places: readonly ArchiveName[],
  ) {
    this.#source = source
    this.#prefix = prefix
    this.#policy = policy
    this.#options = options
    this.#places = places
    const total = places.reduce((sum, { lo, hi }) => sum + hi - lo, 0)
    this.#around = {
      findings: this.#findings,
      counters: this.#counters,
      explained: this.#explained,
      secrets: options.entriesOnly === true ? undefined : options.secrets,
      entriesOnly: options.entriesOnly === true,
      last: undefined,
      own: (action, what, index, time) => this.#own(action, what, index, time),
      progress: entries => {
        this.#done += entries
        options.onProgress?.(this.#done, total)
      },
    }
  }

  async run(): Promise<VerifyArchiveReport> {
    const { against, later } = this.#options
    if (against !== undefined) {
      const opened = await checkNote(
        against,
        this.#policy,
        'The checkpoint kept from earlier',
        this.#findings,
      )
      this.#kept = opened === undefined ? undefined : headOf(opened)
    }
    for (const place of this.#places) await this.#chunk(place)
    if (this.#around.secrets !== undefined && later !== undefined)
      for await (const { action, what, index, time } of later) this.#own(action, what, index, time)
    this.#checkCounters()
    this.#checkManifests()
    const gone = this.#checkGone()
    const root = this.#previous?.root
    return {
      ok: !this.#findings.failed,
      size: this.#places.at(-1)?.hi ?? 0,
      root: root === undefined ? '' : Buffer.from(root, 'latin1').toString('base64'),
      checked: this.#checked,
      ...gone,
      findings: this.#findings.sorted(),
      claim: archiveClaim({
        failed: this.#findings.failed,
        places: this.#places,
        origins: this.#policy.origins,
        kept: this.#kept === undefined ? 'none' : this.#keptMet ? 'met' : 'elsewhere',
        parts: this.#around.entriesOnly
          ? 'not asked'
          : this.#around.secrets === undefined
            ? 'without keys'
            : 'checked',
        ...gone,
      }),
      chunks: this.#places.map(place => ({
        lo: place.lo,
        hi: place.hi,
        period: place.period,
        path: this.#prefix + archivePath(place),
      })),
    }
  }

  async #chunk(place: ArchiveName): Promise<void> {
    const path = this.#prefix + archivePath(place)
    const previous = this.#previous
    this.#previous = { hi: place.hi, root: undefined }
    if (previous !== undefined && previous.hi !== place.lo)
      this.#findings.add(
        'E_ENTRY_MISSING',
        previous.hi,
        previous.hi < place.lo
          ? `Positions ${previous.hi} to ${place.lo - 1} are in no archived chunk.`
          : `The chunks before reach to position ${previous.hi - 1} already.`,
      )
    const manifest = await this.#manifest(path, place)
    if (manifest === undefined) {
      this.#around.progress(place.hi - place.lo)
      this.#around.last = undefined
      return
    }
    const after = await this.#boundary(manifest.after, manifest.hi, place.lo)
    const before =
      manifest.before === undefined ? undefined : await this.#boundary(manifest.before, manifest.lo, place.lo)
    const fold = this.#frontier(manifest, before, previous)
    if (fold === undefined) {
      this.#around.progress(place.hi - place.lo)
      this.#around.last = undefined
      return
    }
    if (previous !== undefined && previous.hi !== place.lo) this.#around.last = undefined
    const { whole, checked } = await checkChunk(
      manifest,
      object => this.#source.get(`${path}/${object}`),
      fold,
      this.#around,
    )
    this.#checked += checked
    if (!whole) return
    const root = fold.root()
    this.#previous = { hi: place.hi, root }
    if (after !== undefined && after.root !== root)
      this.#findings.add(
        'E_ROOT',
        place.lo,
        `The entries do not give the signed root over ${place.hi} entries: some were altered, removed, moved or put in.`,
      )
    this.#keep(place.hi, root)
  }

  async #manifest(path: string, place: ArchiveName): Promise<ArchiveManifest | undefined> {
    const bad = (code: string, why: string): undefined => {
      this.#findings.add(code, place.lo, `${path}/${MANIFEST_OBJECT} ${why}.`)
      return undefined
    }
    const pieces: Uint8Array[] = []
    let length = 0
    try {
      for await (const piece of this.#source.get(`${path}/${MANIFEST_OBJECT}`)) {
        pieces.push(piece)
        length += piece.length
        if (length > MAX_MANIFEST_BYTES) return bad('E_ARCHIVE_OBJECT', 'is too long')
      }
    } catch {
      return bad('E_ARCHIVE_UNREADABLE', 'is absent or cannot be read')
    }
    const bytes = Buffer.concat(pieces, length)
    let manifest: ArchiveManifest
    try {
      manifest = parseArchiveManifest(bytes)
    } catch (error) {
      return bad('E_ARCHIVE_OBJECT', `cannot be believed: ${(error as Error).message}`)
    }
    const { objects, dictionary, ...seal } = manifest
    this.#manifests.set(path, {
      lo: manifest.lo,
      whole: sha256Base64Url(bytes),
      seal: sha256Base64Url(Buffer.from(canonicalize(seal))),
    })
    if (manifest.lo !== place.lo || manifest.hi !== place.hi || manifest.period !== place.period)
      return bad('E_ARCHIVE_OBJECT', 'is of another chunk than its name says')
    if (!this.#policy.origins.includes(manifest.origin)) return bad('E_ORIGIN', 'is of another log')
    if (dictionary !== ARCHIVE_DICTIONARY_ID)
      this.#findings.add(
        'E_ARCHIVE_OBJECT',
        place.lo,
        `${path} names a deflate dictionary that this version does not have.`,
      )
    if (Object.keys(objects).length === 0) return bad('E_ARCHIVE_OBJECT', 'names no objects')
    return manifest
  }

  /** Opens a checkpoint of a manifest, which must be over exactly so many entries. */
  async #boundary(note: string, size: number, lo: number): Promise<KnownHead | undefined> {
    const whose = `The checkpoint over ${size} entries in a manifest`
    const opened = await checkNote(Buffer.from(note, 'utf8'), this.#policy, whose, this.#findings)
    if (opened === undefined) return undefined
    if (opened.size === size) return headOf(opened)
    this.#findings.add(
      'E_CHUNK_NO_BOUNDARY',
      lo,
      `The manifest of the chunk has a checkpoint over ${opened.size} entries where one over ${size} must stand.`,
    )
    return undefined
  }

  /** The tree in front of a chunk: it must be that of the checkpoint before it, and of the chunk before it. */
  #frontier(
    { lo, frontier }: ArchiveManifest,
    before: KnownHead | undefined,
    previous: { readonly hi: number; readonly root: Digest | undefined } | undefined,
  ): TreeFold | undefined {
    let fold: TreeFold
    try {
      fold = TreeFold.after(
        lo,
        frontier.map(hash => Buffer.from(hash, 'base64').toString('latin1')),
      )
    } catch {
      this.#findings.add(
        'E_FRONTIER',
        lo,
        'The frontier of the chunk has another number of hashes than its first position asks for.',
      )
      return undefined
    }
    const root = fold.root()
    if (before !== undefined && before.root !== root)
      this.#findings.add(
        'E_FRONTIER',
        lo,
        'The frontier of the chunk does not fold to the signed checkpoint before it.',
      )
    else if (previous?.hi === lo && previous.root !== undefined && previous.root !== root)
      this.#findings.add(
        'E_FRONTIER',
        lo,
        'The frontier of the chunk does not fold to the root of the chunk before it.',
      )
    return fold
  }

  #keep(size: number, root: Digest): void {
    if (this.#kept?.size !== size) return
    this.#keptMet = true
    if (this.#kept.root !== root)
      this.#findings.add(
        'E_CONSISTENCY',
        undefined,
        `The checkpoint kept from earlier has another root over ${size} entries.`,
      )
  }

  /** What an entry of the log itself says of archives, seals and removals. */
  #own(action: string, what: string, index: number, time: number): void {
    this.#explained.entry(action, what, index, time)
    if (action !== 'log.archive' && action !== 'log.seal') return
    const data = dataOf(what)
    const { lo, path, manifest } = data
    if (typeof manifest !== 'string') return
    if (action === 'log.archive' && typeof path === 'string') this.#archived.set(path, manifest)
    if (action === 'log.seal' && typeof lo === 'number') this.#sealed.set(lo, manifest)
  }

  #checkManifests(): void {
    for (const [path, { lo, whole, seal }] of this.#manifests) {
      const archived = this.#archived.get(path)
      if (archived !== undefined && archived !== whole)
        this.#findings.add(
          'E_ARCHIVE_OBJECT',
          lo,
          `${path}/${MANIFEST_OBJECT} is not the one that was archived: the log names another.`,
        )
      const sealed = this.#sealed.get(lo)
      if (sealed !== undefined && sealed !== seal)
        this.#findings.add(
          'E_ARCHIVE_OBJECT',
          lo,
          `${path}/${MANIFEST_OBJECT} is not what the chunk was sealed with: the log names another.`,
        )
    }
  }

  /** Before the first chunk a source may have used any counter; what was thinned no longer says whose it was. */
  #checkCounters(): void {
    const from = this.#places[0]?.lo ?? 0
    const counters = from === 0 ? this.#counters : startedLater(this.#counters.ranges())
    const thinned = (range: Range): number => this.#explained.thinnedIn(range)
    counters.check(this.#findings, thinned)
  }

  #checkGone(): { readonly erased: number; readonly expired: number } {
    if (this.#around.secrets !== undefined) return this.#explained.check(this.#findings)
    const { parts, entries } = this.#explained.count
    if (this.#around.entriesOnly) return { erased: 0, expired: 0 }
    const gone =
      parts + entries === 0
        ? ''
        : ` ${parts} parts and ${entries} entries are gone; whether the log authorises that is in parts, too.`
    this.#findings.add(
      'W_NOT_DISCLOSED',
      undefined,
      `Without the keys of the log, parts cannot be held against their commitments.${gone}`,
    )
    return { erased: 0, expired: 0 }
  }
}

function startedLater(ranges: SourceRanges): SourceCounters {
  const counters = new SourceCounters()
  for (const [source, list] of ranges) {
    const begin = list[0]
    if (begin === undefined) continue
    const rest = list.slice(1)
    counters.addAll([[source, [[1, begin[1], begin[2], begin[3]], ...rest]]], () => {})
  }
  return counters
}

function dataOf(what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(what)
    const data = isObject(value) ? value['data'] : undefined
    return isObject(data) ? data : {}
  } catch {
    return {}
  }
}
