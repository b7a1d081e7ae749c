import type { Done } from "../../connection/mod.ts";
import { type Act as Recorded, type ActOutcome, type Conclude, type Intend, outcomeOf } from "../act.ts";
import { AdminError } from "../admin_error.ts";
import { type Statement, STATEMENTS } from "../statement.ts";
import type { Act, AgentOptions } from "./options.ts";
import type { AgentAct } from "./status.ts";
import { messageOf } from "../../text/message.ts";

/** Ends an act. `untouched`: what was sent until then changed nothing. */
export class Stop extends Error {
  override readonly name = "Stop";
  readonly untouched: boolean;

  constructor(message: string, { untouched = false }: { readonly untouched?: boolean } = {}) {
    super(message);
    this.untouched = untouched;
  }
}

/** Sends one statement of an act. @throws {AdminError} @throws {Stop} Where this agent may not write any more. */
export type Send = (statement: Statement) => Promise<Done>;

interface HandOptions extends Pick<AgentOptions, "admin" | "clock" | "leader" | "intend" | "rehearse"> {
  /** Whether only the leader may do anything. */
  readonly leaderOnly: boolean;
}

/** So many acts are remembered. */
const REMEMBERED = 20;

/** Whatever changes ProxySQL is done by this: journalled first, and by the leader only where that matters. */
export class Hand {
  readonly #options: HandOptions;
  readonly #acts: AgentAct[] = [];
  #readOnly: ReadOnly | undefined;

  constructor(options: HandOptions) {
    this.#options = options;
  }

  /** The newest first. */
  get acts(): readonly AgentAct[] {
    return [...this.#acts];
  }

  /** Why ProxySQL takes no changes, if the last one was refused so. */
  get readOnly(): ReadOnly | undefined {
    return this.#readOnly;
  }

  /** Never fails for what ProxySQL does. `work` tells what it did. */
  async do(act: Act, work: (send: Send) => Promise<string>): Promise<AgentAct> {
    const { clock } = this.#options;
    const statements: Statement[] = [];
    const journalled: Journalled = { conclude: () => Promise.resolve() };
    const found = await this.#try({ act, statements, journalled }, work).catch(async (error) => {
      await journalled.conclude(outcomeOf(error, statements.length), messageOf(error));
      throw error;
    });
    const { written, ...told } = found;
    await journalled.conclude(written, told.reason);
    const done = { at: new Date(clock.wall()).toISOString(), what: act.what, ...told, statements };
    this.remember(done);
    return done;
  }

  remember(act: AgentAct): void {
    this.#acts.unshift(act);
    this.#acts.length = Math.min(this.#acts.length, REMEMBERED);
  }

  async #try(
    { act, statements, journalled }: {
      readonly act: Act;
      readonly statements: Statement[];
      readonly journalled: Journalled;
    },
    work: (send: Send) => Promise<string>,
  ): Promise<Pick<AgentAct, "outcome" | "reason"> & { readonly written: ActOutcome }> {
    const { admin, intend, rehearse } = this.#options;
    let isBegun = false;
    try {
      if (!admin.mayWrite) throw new Stop(NO_ADMINISTRATOR);
      if (rehearse !== undefined) {
        this.#assertLeads();
        rehearse({ act: NAMES[act.what], statements: act.statements });
        return { outcome: "dry-run", reason: "this is a dry run: nothing is sent", written: "failed" };
      }
      await this.#send(STATEMENTS.probe());
      if (intend !== undefined) journalled.conclude = await journal(act, intend);
      isBegun = true;
      const reason = await work(async (statement) => {
        const done = await this.#send(statement);
        statements.push(statement);
        return done;
      });
      return { outcome: "done", reason, written: "done" };
    } catch (error) {
      if (!(error instanceof AdminError) && !(error instanceof Stop)) throw error;
      const isUntouched = error instanceof Stop && error.untouched;
      const written = isUntouched ? "failed" : outcomeOf(error, statements.length);
      // Whatever became of the probe, it changes nothing.
      const touched = written === "partly" || (written === "unconfirmed" && isBegun);
      return { outcome: touched ? "failed" : "refused", reason: this.#reasonOf(error), written };
    }
  }

  async #send(statement: Statement): Promise<Done> {
    const done = await this.#options.admin.run(statement, () => this.#assertLeads());
    this.#readOnly = undefined;
    return done;
  }

  /** @throws {Stop} */
  #assertLeads(): void {
    const { leader, leaderOnly } = this.#options;
    if (leaderOnly && leader?.leads() !== true) throw new Stop("this agent does not lead");
  }

  #reasonOf(error: AdminError | Stop): string {
    if (error instanceof Stop) return error.message;
    if (error.kind !== "read-only") return error.withAdvice;
    this.#readOnly = readOnlyBy(error.message);
    return this.#readOnly.reason;
  }
}

/** ProxySQL takes no changes. */
export interface ReadOnly {
  readonly reason: string;
  /** Whom ProxySQL elected itself, where it says so. */
  readonly leader?: string;
}

/** The text that names the leader is that of the pull request for ProxySQL's own election (sysown/proxysql#6034). */
function readOnlyBy(message: string): ReadOnly {
  const leader = /Current leader is (\S+)/.exec(message)?.[1];
  return leader === undefined
    ? {
      reason: "ProxySQL takes no changes: it follows a leader that it elected itself, or was made read-only",
    }
    : { reason: "ProxySQL takes no changes: it follows a leader that it elected itself", leader };
}

const NO_ADMINISTRATOR =
  "this needs an administrator: the user that ProxySQL let in may read statistics only";

/** What the agent calls an act, and what the record does. */
const NAMES: Readonly<Record<Act["what"], Recorded["act"]>> = {
  peers: "membership",
  resync: "resync",
  stamp: "stamp",
};

/** What writes down what became of an act, once its intent is written. */
interface Journalled {
  conclude: Conclude;
}

/** Nothing is done that cannot be journalled. @throws {Stop} */
async function journal({ what, statements }: Act, intend: Intend): Promise<Conclude> {
  try {
    return await intend({ act: NAMES[what], statements });
  } catch (error) {
    const why = messageOf(error);
    throw new Stop(`it cannot be journalled: ${why}`);
  }
}
