/** A sign that an act goes on, or what came of it. */
export type ActLine =
  | { readonly progress: { readonly done: number; readonly total: number } }
  | { readonly result: unknown }

/** Least time between two lines of progress, and most, milliseconds. What is between is left out: nothing queues up. */
const LEAST_MS = 250
const MOST_MS = 15_000

/**
 * What an act tells while it runs, and its result at last. Ending the iteration does not end the act.
 *
 * @param begin begins the act, and throws when it may not begin
 */
export function toldProgress(
  begin: (onProgress: (done: number, total: number) => void) => Promise<unknown>,
): AsyncGenerator<ActLine, void> {
  let progress = { done: 0, total: 0 }
  let news: (() => void) | undefined
  const running = begin((done, total) => {
    progress = { done, total }
    news?.()
  })
  let ended = false
  const end = (): void => {
    ended = true
    news?.()
  }
  running.then(end, end)
  return (async function* () {
    let told = progress
    for (;;) {
      if (!ended)
        await until(MOST_MS, wake => {
          news = wake
        })
      if (ended) break
      if (told !== progress) {
        // Whatever comes in this time is told together.
        await until(LEAST_MS, () => {})
        if (ended) break
      }
      told = progress
      yield { progress: told }
    }
    yield { result: await running }
  })()
}

/** Waits until it is woken, or for so long. */
async function until(ms: number, wakeable: (wake: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
    wakeable(resolve)
  })
  clearTimeout(timer)
}
