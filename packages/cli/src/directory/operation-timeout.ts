/** An attempt that one command records may get its outcome from another: only after an hour it is told as unknown. */
export const OPERATION_TIMEOUT_MS = 3_600_000
