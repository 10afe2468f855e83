/**
 * A package that only who uses this adapter installs.
 *
 * @throws TypeError naming the package when it is not there
 */
export async function needed<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new TypeError(`This adapter needs the package ${name}: npm install ${name}`, { cause })
  }
}
