import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of minutes. One that begins last keeps a single core busy while the others have nothing left to do. */
const LONG = [/embedded\.conformance/, /server\/src\/fuzz/, /access-matrix/, /test\/(crash|tamper|server)\//]

/** Begins with what takes longest, also in a fresh clone, where Vitest knows no durations. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex(pattern => pattern.test(moduleId))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
