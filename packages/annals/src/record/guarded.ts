/** A handler of errors that throws must not take the recording with it. @param onError absent, a process warning */
export function guarded(
  onError: (error: Error) => void = error => process.emitWarning(error),
): (error: Error) => void {
  return error => {
    try {
      onError(error)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    }
  }
}
