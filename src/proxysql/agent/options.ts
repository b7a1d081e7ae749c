import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Act as Recorded, Intend } from "../act.ts";
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
   * A connection of the agent's own, of an administrator: what somebody else asks on it meanwhile makes a look fail, as busy.
   * Made with `longestWait: 0`, since a look is one attempt to connect: so it is back at the first look after ProxySQL is.
   * For an account that may read statistics only the agent tells what it sees, and changes nothing.
   */
  readonly admin: AgentAdmin;
  readonly config: AgentConfig;
  /**
   * Absent: this agent never leads. Whoever made it calls `renew` each `every`, and disposes of it; the agent only asks
   * whether it leads.
   */
  readonly leader?: Leader | undefined;
  /** Read once a look by a satellite, and by a core that leads. Absent: nobody tells which cores there are, and the list of cores is left alone. */
  readonly discovery?: Discovery | undefined;
  /** How this ProxySQL's own row among the cores is known, beside its address. */
  readonly self?: Self | undefined;
  readonly clock: Clock;
  /** Told of what changed, and only then; also of whether ProxySQL answers, and of who leads. */
  tell(event: ProxysqlEvent): void;
  /** Journals an act before it is done: when it fails, nothing is done. */
  readonly intend?: Intend | undefined;
  /** Told what would be done, in a dry run: then nothing is sent that changes something, or tries whether it could. */
  readonly rehearse?: ((act: Pick<Recorded, "act" | "statements">) => void) | undefined;
}
