import type { ArchiveName } from '../../log/archive-path.ts'

/** What a claim about an archive is made of. */
export interface ArchiveClaim {
  readonly failed: boolean
  readonly places: readonly ArchiveName[]
  readonly origins: readonly string[]
  /** Whether a checkpoint was kept from earlier, and the entries lead through it. */
  readonly kept: 'none' | 'met' | 'elsewhere'
  readonly parts: 'not asked' | 'without keys' | 'checked'
  readonly erased: number
  readonly expired: number
}

/** What the check of an archive does and does not prove, in a sentence. */
export function archiveClaim({
  failed,
  places,
  origins,
  kept,
  parts,
  erased,
  expired,
}: ArchiveClaim): string {
  if (failed)
    return 'Something is wrong with this archive: see the findings. Nothing is claimed of the positions they name.'
  const [first, last] = [places[0] as ArchiveName, places.at(-1) as ArchiveName]
  const chunks = places.length === 1 ? 'one chunk' : `${places.length} chunks`
  const gone = `${erased === 0 ? '' : `, but for ${erased} parts that were lawfully erased`}${expired === 0 ? '' : `${erased === 0 ? ', but for' : ' and'} ${expired} entries past their retention`}`
  return `Entries ${first.lo} to ${last.hi - 1}, in ${chunks}, are complete and unaltered as signed by ${origins.join(', ')}${KEPT[kept]}${PARTS[parts]}${parts === 'checked' ? gone : ''}.`
}

const KEPT: Readonly<Record<ArchiveClaim['kept'], string>> = {
  none: '',
  met: ', and pass through the checkpoint kept from earlier',
  elsewhere: '; the checkpoint kept from earlier lies at no end of a chunk',
}
const PARTS: Readonly<Record<ArchiveClaim['parts'], string>> = {
  'not asked': '; parts were not looked at',
  'without keys': '; whether their parts are what was recorded needs the keys of the log',
  checked: '; their parts are what was recorded',
}
