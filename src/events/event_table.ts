import type { Level } from "../policy/mod.ts";
import type { PublicEvent } from "./event.ts";
import { REPORTED_OUTCOMES } from "./reported_outcome.ts";

/** The meaning of an event, and its levels. */
interface Row<E> {
  readonly meaning: string;
  /** Every level that it can have; the first is the usual one. */
  readonly levels: readonly Level[];
  /** Picks the level; absent if there is only one. */
  level?(event: E): Level;
}

const SHARD_CHANGE_WARNINGS: ReadonlySet<string> = new Set([
  "decided",
  "skipped",
  "waiting",
  "cancelled",
  "refused",
]);

type Table = { readonly [K in PublicEvent["event"]]: Row<Extract<PublicEvent, { readonly event: K }>> };

/** Every event. A new event is a new row here, or does not compile. */
export const EVENTS: Table = {
  start: {
    meaning: "the program begins: its version, its configuration, how many databases, how many of them armed",
    levels: ["info", "warning"],
    level: ({ sql, paused }) => sql === "raw" || paused !== undefined ? "warning" : "info",
  },
  stop: {
    meaning: "the program ends: why, and how many looks, kills and errors there were",
    levels: ["info"],
  },
  connected: { meaning: "a database is watched from now on", levels: ["info"] },
  unreachable: {
    meaning: "a database cannot be watched, and what to do; told when that changes",
    levels: ["error"],
  },
  "same-server": {
    meaning: "two entries of the configuration lead to one server; with the lease one of them acts",
    levels: ["warning"],
  },
  identity: {
    meaning: "another server, or the same in another role, answers: nothing is killed for `grace`",
    levels: ["warning"],
  },
  privilege: {
    meaning: "what the account may not do there, and the statement that helps",
    levels: ["error", "warning"],
    level: ({ need }) => need === "identity" ? "warning" : "error",
  },
  gate: {
    meaning: "the `when` of a policy became open, closed or unknown, with its values",
    levels: ["warning", "info"],
    level: ({ state }) => state === "closed" ? "info" : "warning",
  },
  match: { meaning: "a session that a policy with `then: log` selected", levels: ["info"] },
  kill: {
    meaning: "a session that a policy selected to be killed, and what became of it, or why it was spared",
    levels: ["warning", "error", "info"],
    level: ({ outcome }) => REPORTED_OUTCOMES[outcome].level,
  },
  budget: {
    meaning: "the kills of a database, or their share, are spent, or free again",
    levels: ["warning", "info"],
    level: ({ state }) => state === "spent" ? "warning" : "info",
  },
  unkillable: {
    meaning:
      "what nobody may end: a transaction that no session has, prepared by XA; the head of a queue for a lock that is " +
      "never selected; told once, with why",
    levels: ["warning"],
  },
  "gave-up": {
    meaning: "the rounds of a policy with `settle` improved nothing: it stops until its gate has closed",
    levels: ["warning"],
  },
  lease: {
    meaning: "who may kill there: this program, another one, or nobody, since the server cannot lock",
    levels: ["info", "warning", "error"],
    level: ({ state }) => state === "held" ? "info" : state === "elsewhere" ? "warning" : "error",
  },
  pause: {
    meaning:
      "kills are paused, on one database or on all, or go on: why, by whom, and until when; told at once",
    levels: ["warning", "info"],
    level: ({ state }) => state === "paused" ? "warning" : "info",
  },
  config: {
    meaning:
      "the configuration was read again: it is in force, what changed at a database, or why it is not taken",
    levels: ["info", "error"],
    level: ({ state }) => state === "refused" ? "error" : "info",
  },
  journal: {
    meaning:
      "it cannot be written, and nothing is killed; it can be again; or it is `incomplete`: what it keeps beside kills " +
      "was not written",
    levels: ["error", "info", "warning"],
    level: ({ state }) => state === "failed" ? "error" : state === "recovered" ? "info" : "warning",
  },
  abandoned: {
    meaning: "a program ended between a kill's intent and its outcome: `unconfirmed`",
    levels: ["warning"],
  },
  evidence: {
    meaning:
      "the looks before a kill are in a file for `replay`, or it cannot be written; one a minute at most",
    levels: ["info", "error"],
    level: ({ reason }) => reason === undefined ? "info" : "error",
  },
  notify: {
    meaning: "the messages of a channel do not arrive, and why, or arrive again; told when that changes",
    levels: ["error", "info"],
    level: ({ state }) => state === "failed" ? "error" : "info",
  },
  http: {
    meaning:
      "the HTTP server listens, cannot, or has stopped, and where; a warning if this runtime keeps no limits of time",
    levels: ["info", "error", "warning"],
    level: ({ state, caveat }) => state === "refused" ? "error" : caveat !== undefined ? "warning" : "info",
  },
  "proxysql-connected": { meaning: "a ProxySQL answers its agent from now on", levels: ["info"] },
  "proxysql-unreachable": {
    meaning: "a ProxySQL cannot be asked, and what to do; told when that changes",
    levels: ["error"],
  },
  "proxysql-account": {
    meaning:
      "the user of a ProxySQL's agent may read statistics only, and for what that is too little; told once",
    levels: ["error"],
  },
  "proxysql-wedged": {
    meaning: "a ProxySQL takes connections and does not answer in time; told once",
    levels: ["error"],
  },
  "proxysql-leader": {
    meaning:
      "who leads the agents of a cluster of ProxySQL: this one, another one, nobody, or it is not known",
    levels: ["info", "warning"],
    level: ({ state }) => state === "leads" || state === "follows" ? "info" : "warning",
  },
  "proxysql-peer": {
    meaning: "a core joined or left, would have left and is kept, is silent, or answers again",
    levels: ["info", "warning"],
    level: ({ state }) => state === "kept" || state === "silent" ? "warning" : "info",
  },
  "proxysql-resync": {
    meaning:
      "a satellite takes its list of cores from its file anew; `refused`: nothing was touched, and why",
    levels: ["warning", "info", "error"],
    level: ({ state }) => state === "done" ? "info" : state === "began" ? "warning" : "error",
  },
  "proxysql-stamp": {
    meaning: "a core's configuration was loaded from its file and made to run, so that the others copy it",
    levels: ["warning", "error"],
    level: ({ state }) => state === "done" ? "warning" : "error",
  },
  "proxysql-unstamped": {
    meaning: "no core feeds the others: all are at version 1, and who can mend that",
    levels: ["warning"],
  },
  "proxysql-conflict": {
    meaning: "a core's file is not what runs while others have newer: it is not stamped until told",
    levels: ["error"],
  },
  "proxysql-drain": {
    meaning: "a ProxySQL is drained: it is paused, sessions are closed, who was left",
    levels: ["info", "warning"],
    level: ({ state }) => state === "left" || state === "trouble" ? "warning" : "info",
  },
  "proxysql-dump": {
    meaning:
      "a dump of ProxySQL's digests was written, or could not be; `untidied`: older ones are still there",
    levels: ["info", "warning", "error"],
    level: ({ state }) => state === "written" ? "info" : state === "untidied" ? "warning" : "error",
  },
  "proxysql-purge": {
    meaning: "the digests of a ProxySQL were emptied after a dump, or were not, and why",
    levels: ["warning"],
  },
  "proxysql-backend": {
    meaning: "a server behind a ProxySQL has another status than before",
    levels: ["warning", "info"],
    level: ({ status }) => status === "ONLINE" ? "info" : "warning",
  },
  "proxysql-plugin": {
    meaning: "a plugin of the agent started, failed and is started again, or is not any more",
    levels: ["info", "error"],
    level: ({ state }) => state === "failed" ? "error" : "info",
  },
  "proxysql-dry-run": {
    meaning: "what `proxysql run --dry-run` would have sent, and for what; told once for the same statements",
    levels: ["info"],
  },
  "proxysql-status": { meaning: "how a ProxySQL is: told at SIGUSR2", levels: ["info"] },
  shards: {
    meaning:
      "who may change a group of shards: this coordinator, another one, or nobody; whether the group can be looked at; and " +
      "how the router and the coordinator are that `run` serves",
    levels: ["info", "warning", "error"],
    level: ({ state }) =>
      state === "unreadable" || state === "failed"
        ? "error"
        : state === "standby" || state === "waiting"
        ? "warning"
        : "info",
  },
  "shard-gate": {
    meaning: "the `when` of a policy about shards became open, closed or unknown, with its values",
    levels: ["warning", "info"],
    level: ({ state }) => state === "closed" ? "info" : "warning",
  },
  "shard-change": {
    meaning:
      "what a policy decided about a group of shards, or why nothing is done; the steps and the end of what is done; what people ask for and is refused",
    levels: ["info", "warning", "error"],
    level: ({ state }) =>
      state === "failed" ? "error" : SHARD_CHANGE_WARNINGS.has(state) ? "warning" : "info",
  },
  "shard-move": {
    meaning:
      "a move of slots from one shard to another: its steps, why it waits, and how it ended; or why none begins",
    levels: ["info", "warning"],
    level: ({ state, reason }) =>
      state === "waiting" || state === "refused" || (state === "ended" && reason !== undefined)
        ? "warning"
        : "info",
  },
  heartbeat: {
    meaning:
      "for each database and minute: looks, kills, errors, looks skipped and late, how late they began at most; while kills are `paused`, a warning",
    levels: ["info", "warning"],
    level: ({ paused }) => paused === undefined ? "info" : "warning",
  },
};

/** The level of an event. */
export function levelOf(event: PublicEvent): Level {
  // The row of an event takes that event, which a union of rows cannot express.
  const { level, levels } = EVENTS[event.event] as Row<PublicEvent>;
  return level === undefined ? levels[0]! : level(event);
}
