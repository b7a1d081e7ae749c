import type { Clock } from "../../clock.ts";
import { type Provisioner, ProvisionError, type ServerRequest } from "./provisioner.ts";

/** How long to wait for a server. */
export interface Patience {
  readonly clock: Clock;
  /** When to give up, in milliseconds since 1970: a restart does not begin anew. */
  readonly until: number;
  readonly signal: AbortSignal;
  /** Told when a question had no answer, and is asked again. */
  tell(problem: string): void;
}

/** The pauses between two questions, in milliseconds. */
const [FIRST, LONGEST] = [1_000, 15_000];

/**
 * Asks for a server until it is ready.
 * @throws {ProvisionError} It does not come, or not in time; or it was not waited for, since `signal` is aborted.
 */
export async function waitForServer(
  provisioner: Provisioner,
  request: ServerRequest,
  { clock, until, signal, tell }: Patience,
): Promise<{ readonly host: string; readonly port: number }> {
  let problem = "it is not ready";
  for (let pause = FIRST;; pause = Math.min(LONGEST, pause * 2)) {
    let wait: number | undefined;
    try {
      const answer = await provisioner.ask(request, signal);
      if (answer.state === "ready") return { host: answer.host, port: answer.port };
      if (answer.state === "failed") {
        throw new ProvisionError(`it failed: ${answer.reason}`, { isFinal: true });
      }
      wait = answer.retryAfter;
    } catch (error) {
      if (!(error instanceof ProvisionError) || error.isFinal) throw error;
      if (signal.aborted) throw error;
      wait = error.retryAfter;
      if (problem !== error.message) tell(problem = error.message);
    }
    const left = until - clock.wall();
    if (left <= 0) throw new ProvisionError(`it did not come in time: ${problem}`, { isFinal: true });
    await clock.sleep(Math.min(wait ?? pause, left), signal);
    if (signal.aborted) throw new ProvisionError("it was not waited for");
  }
}
