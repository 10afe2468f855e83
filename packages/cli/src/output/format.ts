/** Every form of output. */
export const FORMATS = ['table', 'wide', 'json', 'ndjson', 'csv', 'tsv', 'sentence', 'id'] as const

/** A form of output. */
export type Format = (typeof FORMATS)[number]
