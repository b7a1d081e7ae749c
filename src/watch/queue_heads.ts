import type { Connected, QueueHead } from "../target/mod.ts";
import { sessionReport, type UnkillableEvent } from "../events/mod.ts";
import { whyNever } from "../policy/mod.ts";
import type { Look } from "../look/mod.ts";

/** Why no policy may end the head of a queue. */
type Unkillable = Pick<UnkillableEvent, "session" | "thread" | "reason">;

const OWN = "it is of this program's account";
const NO_SESSION = "XA RECOVER shows it, XA COMMIT or XA ROLLBACK ends it";

/** Finds the heads of queues that no policy may end, each once. */
export class QueueHeads {
  /** What was found of those that were heads at the last look. */
  #known: ReadonlyMap<number, "told" | "seen" | "killable"> = new Map();

  /** What is new to tell. A statement that just ends is no reason yet: it has to be there at a second look. */
  async find(connected: Connected, look: Look): Promise<readonly UnkillableFound[]> {
    const { heads, sessionless } = look;
    if (heads === undefined) return [];
    const found: UnkillableFound[] = [];
    const known = new Map<number, "told" | "seen" | "killable">();
    for (const head of heads) {
      const before = this.#known.get(head.id);
      if (before === "told" || before === "killable") {
        known.set(head.id, before);
        continue;
      }
      // It is told as a transaction.
      if (head.id === 0 && sessionless.length > 0) continue;
      const why = await whyUnkillable(head, connected, look);
      const passes = why?.session?.time_ms !== undefined && before === undefined;
      known.set(head.id, why === undefined ? "killable" : passes ? "seen" : "told");
      if (why !== undefined && !passes) found.push({ ...why, blocking: head.blocking });
    }
    this.#known = known;
    return found;
  }
}

/** A head of a queue that nobody may end. */
export type UnkillableFound = Unkillable & Pick<UnkillableEvent, "blocking">;

async function whyUnkillable(
  { id }: QueueHead,
  connected: Connected,
  { snapshot }: Look,
): Promise<Unkillable | undefined> {
  if (id === 0) return { reason: NO_SESSION };
  const session = snapshot?.sessions.find((session) => session.id === id);
  const occupant = session === undefined
    ? await connected.occupant(id)
    : { kind: "session" as const, session };
  switch (occupant?.kind) {
    case undefined:
      return undefined;
    case "own":
      return { thread: "this program's own session", reason: OWN };
    case "thread":
      return { thread: occupant.name, reason: `it is ${occupant.what}` };
    case "session": {
      const { session } = occupant;
      const reason = whyNever(session, connected.source.own);
      return reason === undefined ? undefined : { session: sessionReport(session), reason };
    }
  }
}
