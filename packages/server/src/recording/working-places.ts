import { AnnalsError } from 'annals/model'

/** Bounds how many requests are worked on at a time. */
export class WorkingPlaces {
  readonly #most: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Takes a place; disposing leaves it. @throws AnnalsError ANNALS_OVERLOADED when there is none */
  enter(): Disposable {
    if (this.#taken >= this.#most)
      throw new AnnalsError(
        'ANNALS_OVERLOADED',
        `${this.#most} requests with many events are being recorded.`,
        {
          hint: 'Try again in a moment, with the same idempotency key.',
        },
      )
    this.#taken += 1
    let left = false
    return {
      [Symbol.dispose]: () => {
        if (left) return
        left = true
        this.#taken -= 1
      },
    }
  }
}
