import type { Recorded } from 'annals'
import type { Format } from './format.ts'
import type { Output } from './output.ts'

/** Shows where events were recorded. */
export interface ReceiptWriter {
  write(recorded: Recorded): Promise<void>
  end(): Promise<void>
}

/** Nothing was recorded: only what makes the form complete, such as `[]`. */
export function noReceipts(output: Output, format: Format | undefined): ReceiptWriter {
  const { end } = createReceiptWriter(output, format)
  return { write: async () => {}, end }
}

/** Receipts as id and position; with JSON as `{"id","index"}`. */
export function createReceiptWriter(output: Output, format: Format | undefined): ReceiptWriter {
  let count = 0
  const json = ({ id, index }: Recorded): string => JSON.stringify({ id, index })
  const line = (recorded: Recorded): string => {
    if (format === 'json') return (count === 0 ? '[\n' : ',\n') + json(recorded)
    if (format === 'ndjson') return `${json(recorded)}\n`
    if (format === 'id') return `${recorded.id}\n`
    const [separator, end] = format === 'csv' ? [',', '\r\n'] : ['\t', '\n']
    return `${recorded.id}${separator}${recorded.index}${end}`
  }
  const head = format === 'csv' ? 'id,index\r\n' : ''
  return {
    async write(recorded): Promise<void> {
      await output.data((count === 0 ? head : '') + line(recorded))
      count++
    },
    async end(): Promise<void> {
      if (format === 'json') await output.data(count === 0 ? '[]\n' : '\n]\n')
      else if (count === 0) await output.data(head)
      await output.flush()
    },
  }
}
