import { type Act, type Conclude, type Intend } from "../../proxysql/mod.ts";
import type { Act as AgentIntent, AgentAct } from "../../proxysql/agent/mod.ts";

/** What the agent calls an act, and what the record does. */
const NAMES: Readonly<Record<AgentIntent["what"], Act["act"]>> = {
  peers: "membership",
  resync: "resync",
  stamp: "stamp",
};

/** Writes down what the agent is going to do, and once it is over what became of it. */
export class AgentActs {
  readonly #intend: Intend;
  #open: { readonly what: AgentIntent["what"]; readonly conclude: Conclude }[] = [];

  constructor(intend: Intend) {
    this.#intend = intend;
  }

  /** @throws {Error} Then it must not be done. */
  async intend({ what, statements }: AgentIntent): Promise<void> {
    const conclude = await this.#intend({ act: NAMES[what], statements });
    this.#open.push({ what, conclude });
  }

  /** The agent does nothing any more. @param acts What it says that it did, the newest first. */
  async settle(acts: readonly AgentAct[]): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const { what, conclude } of open) {
      const act = acts.find((each) => each.what === what);
      if (act === undefined) await conclude("failed", "it does not say what became of it");
      else await conclude(act.outcome === "done" ? "done" : "failed", act.reason);
    }
  }
}
