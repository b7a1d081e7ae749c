import type { Rules, Session } from "../policy/mod.ts";
import type { Executor } from "./executor.ts";
import type { LookSource } from "./look_source.ts";

/** Something that is looked at, and acted on: one value for each entry of the configuration. */
export interface Target<C extends TargetConnection = TargetConnection> {
  /**
   * Connects, and finds out what can be done there.
   * @throws {TargetError}
   */
  connect(): Promise<C>;
}

/** What was connected to, as the `connected` event tells it. */
export interface TargetIdentity {
  /** What kind of server it is. */
  readonly flavor: string;
  readonly version: string;
  readonly encrypted: boolean;
}

/** Something that cannot be done there with this account, and what would help. */
export interface Gap {
  readonly need: string;
  /** What is missing: a privilege, or a setting. */
  readonly missing: string;
  /** The statement to run, or the setting to make. */
  readonly remedy: string;
  /** Policies work without it: less exactly, or on fewer sessions. */
  readonly tolerable?: true;
}

/** What a connection id stands for. */
export type Occupant =
  | { readonly kind: "own" }
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "thread"; readonly name: string; readonly what: string };

/** A target that is connected to. */
export interface TargetConnection {
  readonly identity: TargetIdentity;
  readonly source: LookSource;
  /** Absent where nothing is to be done there. */
  readonly executor: Executor | undefined;
  /** What the policies of these rules are worse off without. */
  gapsFor(rules: Rules): readonly Gap[];
  /** For how long it may be left alone before it hangs up, in milliseconds; absent: for a day or longer. */
  readonly idle?: number;
  /**
   * Makes sure that everything is there that is needed later.
   * @param ping Whether to ask what is silent, too.
   * @throws {TargetError}
   */
  check(ping: boolean): Promise<void>;
  /**
   * Who holds the lease, as a person finds it.
   * @throws {TargetError}
   */
  describeHolder(holder: number): Promise<string>;
  /**
   * What a connection id stands for that the last look has not read; undefined where that cannot be told.
   * @throws {TargetError}
   */
  occupant(id: number): Promise<Occupant | undefined>;
  /** Takes leave. Never fails. */
  close(): Promise<void>;
}
