import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Discovered, Discovery } from "./discovery.ts";
import type { Hand } from "./hand.ts";
import type { AgentOptions } from "./options.ts";
import type { PeerRow } from "./peer.ts";
import type { Peer } from "../status.ts";
import { messageOf } from "../../text/message.ts";

/** What a look has read already. */
export interface Seen {
  /** The list of cores that is in force. */
  readonly listed: readonly PeerRow[];
  /** What ProxySQL has measured of them. */
  readonly peers: readonly Peer[];
}

/** What is done at each look, as a core or as a satellite. */
export interface Duty {
  /** Returns what is not as it should be. @throws {AdminError} */
  look(seen: Seen): Promise<readonly string[]>;
}

/** What a duty works with. */
export interface DutyOptions extends Pick<AgentOptions, "admin" | "config" | "discovery" | "self" | "clock"> {
  readonly hand: Hand;
  tell(event: EventOf): void;
}

/** An event without the address, which is the same in all of them. */
export type EventOf = WithoutAddress<ProxysqlEvent>;
type WithoutAddress<E> = E extends ProxysqlEvent ? Omit<E, "proxysql"> : never;

/** Who is there. An answer without anybody is none, and so is a failure. */
export async function discover(discovery: Discovery): Promise<Discovered> {
  try {
    const found = await discovery.read();
    if (found.state === "known" && found.peers.length === 0) {
      return { state: "unknown", reason: "it was answered that nobody is there" };
    }
    return found;
  } catch (error) {
    return { state: "unknown", reason: messageOf(error) };
  }
}
