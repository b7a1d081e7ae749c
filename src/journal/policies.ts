/** A policy in force on a database. */
export interface PolicyInForce {
  /** Of the policy as it was written: another one after every change. */
  readonly hash: string;
  /** Whether it may kill. */
  readonly armed: boolean;
}

/** The policies in force, by the names of their database and of the policy. */
export type PoliciesInForce = ReadonlyMap<string, ReadonlyMap<string, PolicyInForce>>;
