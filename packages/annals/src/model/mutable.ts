/** An object while it is built, before it is given out as one that nobody changes. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }
