/** A user of a lab's servers. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

/** The accounts that the bootstrap makes on every lab. They are for loopback only, and no secret. */
export const ACCOUNTS = {
  /** May do everything. */
  root: { user: "root", password: "root" },
  /** Query Sniper's own, with no more rights than it needs to observe and kill. */
  sniper: { user: "sniper", password: "sniper" },
  /** An application: rights on the schema `test` only. */
  app: { user: "app", password: "app" },
  /** What the replica logs in with. */
  replication: { user: "replication", password: "replication" },
} as const satisfies Record<string, Account>;
