/** A message as JSON can say it: bytes as base64, whole numbers beyond what a double holds as text, as the JSON of Protocol Buffers has them. */
export function plainMessage(message: unknown): unknown {
  const text = JSON.stringify(message, function (this: Record<string, unknown>, key, value: unknown) {
    // A Buffer has its own idea of JSON, which has been asked already.
    const own = this[key]
    if (own instanceof Uint8Array) return Buffer.from(own).toString('base64')
    return typeof value === 'bigint' ? value.toString() : value
  })
  return text === undefined ? undefined : JSON.parse(text)
}
