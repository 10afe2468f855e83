import type { FoundSoFar } from '../../../verify/findings.ts'
import { layoutOf } from '../layout.ts'
import { readDisclosure } from './disclosure.ts'
import { checkIndex, type IndexTask } from './index-check.ts'
import { PartSecrets } from './part-secrets.ts'
import type { Piece, PieceResult, PieceSettings } from './piece.ts'
import { PieceChecker } from './piece-checker.ts'

/** What a verification asks of a thread, or of itself when the log is small. */
export class Checker {
  readonly #pieces: PieceChecker
  readonly #secrets: PartSecrets | undefined

  constructor(settings: PieceSettings, secrets: PartSecrets | undefined) {
    this.#secrets = secrets
    this.#pieces = new PieceChecker(settings, secrets)
  }

  piece(piece: Piece): PieceResult {
    return this.#pieces.check(piece)
  }

  index(task: IndexTask): FoundSoFar {
    return checkIndex(task)
  }

  close(): void {
    this.#secrets?.close()
  }
}

/** Opens the secrets unless parts are skipped, or there are none that can be opened. */
export async function openChecker(settings: PieceSettings): Promise<Checker> {
  if (settings.entriesOnly) return new Checker(settings, undefined)
  const layout = layoutOf(settings.dir)
  const disclosure = await readDisclosure(layout)
  return new Checker(
    settings,
    disclosure.kind === 'given' ? PartSecrets.open(layout, disclosure.kek) : undefined,
  )
}
