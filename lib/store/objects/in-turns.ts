/** Requests for many objects, a few at a time. */

/** Requests that run at once. */
const TURNS = 8

/** Runs something for each, a few at a time. Rejects with the first failure when none runs any more. */
export async function inTurns<T>(all: readonly T[], run: (each: T) => Promise<void>): Promise<void> {
  let next = 0
  let failure: { readonly error: unknown } | undefined
  const work = async (): Promise<void> => {
    while (next < all.length && failure === undefined)
      await run(all[next++]!).catch((error: unknown) => (failure ??= { error }))
  }
  await Promise.all(Array.from({ length: TURNS }, work))
  if (failure !== undefined) throw failure.error
}
