import type { Occupant, QueueHead, TargetConnection } from "../target/mod.ts";
import { sessionReport, type UnkillableEvent } from "../events/mod.ts";
import type { Domain, Session } from "../policy/mod.ts";
import type { Look } from "../look/mod.ts";

/** Why no policy may end the head of a queue. */
type UnkillableReason = Pick<UnkillableEvent, "session" | "thread" | "reason">;

const OWN = "it is of this program's account";
const NO_SESSION = "XA RECOVER shows it, XA COMMIT or XA ROLLBACK ends it";

/** What was found of a head, and what it ran or had run then: what it does next may be another thing. */
interface KnownHead {
  readonly as: "told" | "seen" | "killable";
  readonly execution: string | undefined;
}

/** Finds the heads of queues that no policy may end, each once. */
export class QueueHeads {
  readonly #domain: Pick<Domain, "whyNever">;
  /** What was found of those that were heads at the last look. */
  #known: ReadonlyMap<number, KnownHead> = new Map();

  constructor(domain: Pick<Domain, "whyNever">) {
    this.#domain = domain;
  }

  /** What is new to tell. */
  async find(connected: TargetConnection, look: Look): Promise<readonly UnkillableHead[]> {
    const { heads, sessionless } = look;
    if (heads === undefined) return [];
    const found: UnkillableHead[] = [];
    const known = new Map<number, KnownHead>();
    for (const head of heads) {
      // It is told as a transaction.
      if (head.id === 0 && sessionless.length > 0) continue;
      const { why, ...now } = await judge(head, this.#known.get(head.id), {
        domain: this.#domain,
        connected,
        look,
      });
      known.set(head.id, now);
      if (why !== undefined) found.push({ ...why, blocking: head.blocking });
    }
    this.#known = known;
    return found;
  }
}

/** A head of a queue that nobody may end. */
export type UnkillableHead = UnkillableReason & Pick<UnkillableEvent, "blocking">;

/**
 * What a head is by now, and why nobody may end it, where that is to be told. A statement that just ends is no reason yet:
 * it has to be there at a second look.
 */
async function judge(
  { id }: QueueHead,
  before: KnownHead | undefined,
  { domain, connected, look: { snapshot } }: {
    readonly domain: Pick<Domain, "whyNever">;
    readonly connected: TargetConnection;
    readonly look: Look;
  },
): Promise<KnownHead & { readonly why?: UnkillableReason }> {
  if (before?.as === "told") return before;
  if (id === 0) return { as: "told", execution: undefined, why: { reason: NO_SESSION } };
  const session = snapshot?.sessions.find((session) => session.id === id);
  const occupant = session === undefined
    ? await connected.occupant(id)
    : { kind: "session" as const, session };
  const execution = occupant?.kind === "session" ? occupant.session.execution : undefined;
  const isSame = before?.execution === execution;
  if (before?.as === "killable" && isSame) return before;
  const why = await whyUnkillable(occupant, connected.source, domain);
  if (why === undefined) return { as: "killable", execution };
  const passes = why.session?.time_ms !== undefined && !(before?.as === "seen" && isSame);
  return passes ? { as: "seen", execution } : { as: "told", execution, why };
}

async function whyUnkillable(
  occupant: Occupant | undefined,
  source: TargetConnection["source"],
  { whyNever }: Pick<Domain, "whyNever">,
): Promise<UnkillableReason | undefined> {
  switch (occupant?.kind) {
    case undefined:
      return undefined;
    case "own":
      return { thread: "this program's own session", reason: OWN };
    case "thread":
      return { thread: occupant.name, reason: `it is ${occupant.what}` };
    case "session": {
      const { session } = occupant;
      const reason = whyNever(session, source.own) ?? whyNever(await guarded(session), source.own);
      return reason === undefined ? undefined : { session: sessionReport(session), reason };
    }
  }

  /** Whether XA has prepared a transaction is read of nobody else whom no policy is about to end. */
  async function guarded(session: Session): Promise<Session> {
    if (session.prepared !== undefined) return session;
    const [known = session] = await source.guards([session], new Set([session.id]));
    return known;
  }
}
