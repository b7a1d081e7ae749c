const PAUSE_MS = 20;

/**
 * Asks `probe` again and again until its answer is truthy, and returns that.
 * Throws what the probe throws, and after `timeoutMs` (10,000 unless told) an error that names `what`.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const deadline = performance.now() + timeoutMs;
  const late = new Error(`Waited in vain for ${what}: ${timeoutMs} ms`);
  for (;;) {
    const value = await before(deadline, probe(), late);
    if (value) return value;
    if (performance.now() >= deadline) throw late;
    await pause(PAUSE_MS);
  }
}

/** A probe may hang, for instance on a server that a test has paused. */
async function before<T>(deadline: number, answer: Promise<T>, late: Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), Math.max(0, deadline - performance.now()));
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => {});
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
