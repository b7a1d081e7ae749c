/**
 * Waits for all of them. If one fails, the others are told to end, and are waited for too: nothing goes on behind an error.
 * @throws The first error.
 */
export async function allTogether(running: readonly Promise<void>[], left: AbortController): Promise<void> {
  const errors: unknown[] = [];
  await Promise.all(running.map((each) =>
    each.catch((error) => {
      errors.push(error);
      left.abort();
    })
  ));
  if (errors.length > 0) throw errors[0];
}
