import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Admin } from "../admin.ts";
import type { Discovery } from "./discovery.ts";
import type { Leader } from "./leader.ts";
import type { Self } from "./self.ts";

/** What is read of the configuration. */
export type AgentConfig = Pick<ProxysqlConfig, "address" | "role" | "interval" | "missingAfter" | "stamp">;

/** What an agent asks ProxySQL by. */
export type AgentAdmin = Pick<Admin, "rows" | "rowsIfKnown" | "run" | "state" | "mayWrite">;

/** What is about to be done to ProxySQL. */
export interface Act {
  readonly what: "peers" | "resync" | "stamp";
  /** In their order. What is read in between may leave some of them out, and a stop leaves out the last ones. */
  readonly statements: readonly string[];
}

/** What an agent is made of. */
export interface AgentOptions {
  /**
   * An administrator's connection of the agent's own: what somebody else asks on it meanwhile makes a look fail, as busy.
   * One for who may read statistics only is enough for a look that changes nothing.
   */
  readonly admin: AgentAdmin;
  readonly config: AgentConfig;
  /** Absent: this agent never leads. Whoever made it calls `renew` each `every`; the agent only asks whether it leads. */
  readonly leader?: Leader;
  /** Absent: nobody tells which cores there are, and the list of cores is left alone. */
  readonly discovery?: Discovery;
  /** How this ProxySQL's own row among the cores is known, beside its address. */
  readonly self?: Self;
  readonly clock: Clock;
  /** Told of what changed, and only then; also of whether ProxySQL answers, and of who leads. */
  tell(event: ProxysqlEvent): void;
  /** Journals an act before it is done: when it fails, nothing is done. */
  intent?(act: Act): Promise<void>;
}
