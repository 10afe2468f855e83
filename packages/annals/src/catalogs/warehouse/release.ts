import { defineEvent } from '../../catalog/index.ts'
import { fields } from '../schema/fields.ts'
import { flag, optional, text } from '../schema/value.ts'

const UPLOAD = {
  canonicalVersion: text,
  publisherUrl: optional(text),
  uploadedViaTrustedPublisher: optional(flag),
}
const FILE = { filename: text, projectId: text }
const quarantine = fields({ version: text, canonicalVersion: text })

/**
 * Releases and files: what everybody who installs a package relies on, so it is public and kept for ever. The target is the project,
 * or the file.
 */
export const release = [
  defineEvent('project.release.add', {
    data: fields(UPLOAD),
    describe: '{actor} released {target} {data.canonicalVersion}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.release.remove', {
    data: fields({ canonicalVersion: text, reason: optional(text) }),
    describe: '{actor} removed release {data.canonicalVersion} of {target}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.release.yank', {
    data: fields({ canonicalVersion: text, yankedReason: optional(text) }),
    describe: '{actor} yanked release {data.canonicalVersion} of {target}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.release.unyank', {
    data: fields({ canonicalVersion: text }),
    describe: '{actor} took back the yank of release {data.canonicalVersion} of {target}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.release.quarantine.enter', {
    data: quarantine,
    describe: '{actor} put release {data.version} of {target} into quarantine',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('project.release.quarantine.exit', {
    data: quarantine,
    describe: '{actor} let release {data.version} of {target} out of quarantine',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('file.add', {
    data: fields({ ...FILE, ...UPLOAD }),
    describe: '{actor} uploaded {data.filename}',
    visibility: 'public',
    retention: 'ledger',
  }),
  defineEvent('file.remove', {
    data: fields({ ...FILE, canonicalVersion: text, reason: optional(text) }),
    describe: '{actor} removed {data.filename}',
    visibility: 'public',
    retention: 'ledger',
  }),
] as const
