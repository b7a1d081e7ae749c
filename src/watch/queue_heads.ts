import type { Occupant, QueueHead, TargetConnection } from "../target/mod.ts";
import { sessionReport, type UnkillableEvent } from "../events/mod.ts";
import type { Domain, Session } from "../policy/mod.ts";
import type { Look } from "../look/mod.ts";

/** Why no policy may kill the head of a queue. */
type UnkillableReason = Pick<UnkillableEvent, "session" | "thread" | "reason">;

const OWN = "it is of this program's account";
const NO_SESSION = "XA RECOVER shows it, XA COMMIT or XA ROLLBACK ends it";

/** What was found about a head, and its execution then: a later execution has to be judged again. */
interface KnownHead {
  readonly as: "told" | "seen" | "killable";
  readonly execution: string | undefined;
}

/** Finds the heads of queues that no policy may kill, each once. */
export class QueueHeads {
  readonly #domain: Pick<Domain, "whyNever">;
  /** What was found about the heads of the last look. */
  #known: ReadonlyMap<number, KnownHead> = new Map();

  constructor(domain: Pick<Domain, "whyNever">) {
    this.#domain = domain;
  }

  /** The heads to report now. */
  async find(connected: TargetConnection, look: Look): Promise<readonly UnkillableHead[]> {
    const { heads, sessionless } = look;
    if (heads === undefined) return [];
    const found: UnkillableHead[] = [];
    const known = new Map<number, KnownHead>();
    for (const head of heads) {
      // It is reported as a transaction without a session.
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

/** A head of a queue that no policy may kill. */
export type UnkillableHead = UnkillableReason & Pick<UnkillableEvent, "blocking">;

/**
 * Judges a head, and says why nobody may kill it, if that is to be reported. A running statement may be about to
 * end, so it is reported only if it is still there at a second look.
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

  /** Reads whether XA has prepared its transaction, which otherwise is read only for sessions about to be killed. */
  async function guarded(session: Session): Promise<Session> {
    if (session.prepared !== undefined) return session;
    const [known = session] = await source.guards([session], new Set([session.id]));
    return known;
  }
}
