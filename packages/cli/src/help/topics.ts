/** A page of `annals help`. */
export interface Topic {
  readonly name: string
  readonly load: () => Promise<string>
}

/** Every topic: adding one is one file here and one line below. */
export const TOPICS: readonly Topic[] = [
  { name: 'query', load: async () => (await import('./query.ts')).queryTopic() },
  { name: 'output', load: async () => (await import('./output.ts')).outputTopic() },
  { name: 'exit-codes', load: async () => (await import('./exit-codes.ts')).exitCodesTopic() },
  { name: 'environment', load: async () => (await import('./environment.ts')).environmentTopic() },
]
