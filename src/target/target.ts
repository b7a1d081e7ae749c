import type { DigestCount } from "../journal/mod.ts";
import type { Rules, Session } from "../policy/mod.ts";
import type { Executor } from "./executor.ts";
import type { LookSource } from "./look_source.ts";

/** Something that is watched and acted on: one for each entry of the configuration. */
export interface Target<C extends TargetConnection = TargetConnection> {
  /**
   * Connects, and probes what the account can do there.
   * @throws {TargetError}
   */
  connect(): Promise<C>;
}

/** The identity of a target, as the `connected` event shows it. */
export interface TargetIdentity {
  /** The kind of server. */
  readonly flavor: string;
  readonly version: string;
  readonly encrypted: boolean;
}

/** Something this account cannot do there, and the remedy. */
export interface Gap {
  readonly need: string;
  /** The missing privilege or setting. */
  readonly missing: string;
  /** The statement to run, or the setting to make. */
  readonly remedy: string;
  /** Policies work without it, but less exactly, or on fewer sessions. */
  readonly tolerable?: true;
}

/** What a connection id stands for. */
export type Occupant =
  | { readonly kind: "own" }
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "thread"; readonly name: string; readonly what: string };

/** A connection to a target. */
export interface TargetConnection {
  readonly identity: TargetIdentity;
  readonly source: LookSource;
  /** Absent if nothing may be done there. */
  readonly executor: Executor | undefined;
  /** The gaps that affect the policies of these rules. */
  gapsFor(rules: Rules): readonly Gap[];
  /** How long the connection may be idle before the server closes it, in milliseconds; absent: a day or longer. */
  readonly idle?: number;
  /**
   * Makes sure that the connections needed later are still there.
   * @param ping Whether to ping idle connections too.
   * @throws {TargetError}
   */
  check(ping: boolean): Promise<void>;
  /**
   * The holder of the lease, in words that help a person find it.
   * @throws {TargetError}
   */
  describeHolder(holder: number): Promise<string>;
  /**
   * What a connection id stands for, if the last look has not read it; undefined if that is unknown.
   * @throws {TargetError}
   */
  occupant(id: number): Promise<Occupant | undefined>;
  /**
   * How often statements ran, by the server's own digests, and for how long; without those it does not count. Undefined
   * if that cannot be read. Never fails, and holds up no look; absent: the target does not count.
   */
  readonly executions?: (digests: readonly string[]) => Promise<readonly DigestCount[] | undefined>;
  /** Closes the connection. Never fails. */
  close(): Promise<void>;
}
