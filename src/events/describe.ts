import { type Clause, formatQuantity } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import type {
  BudgetEvent,
  ClientReport,
  ConfigEvent,
  JournalEvent,
  KillEvent,
  MatchEvent,
  PublicEvent,
  SessionReport,
  UnkillableEvent,
} from "./event.ts";
import { describeProxysql } from "./describe_proxysql.ts";
import type { ShardChangeEvent, ShardMoveEvent } from "./shard_event.ts";
import type { HttpEvent, NotifyEvent, PauseEvent } from "./program_event.ts";

/**
 * Describes an event for people, in one line and without its time, level and name.
 * @param meaningOf What a need is good for, to follow the word "to".
 */
export function describe(event: PublicEvent, meaningOf: (need: string) => string): string {
  switch (event.event) {
    case "start":
      return `query-sniper ${event.version}, ${event.config}: ${plural(event.databases, "database")}, ` +
        `${event.armed} in enforce mode${
          event.sql === "raw" ? "; statements are logged with their data" : ""
        }${pausedText(event.paused)}`;
    case "stop":
      return `${event.reason}: ${plural(event.looks, "look")}, ${plural(event.kills, "kill")}, ` +
        plural(event.errors, "error");
    case "connected":
      return `${event.database}: ${event.version}, ${event.mode}, ${
        event.encrypted ? "TLS" : "not encrypted"
      }`;
    case "identity":
      return `${event.database}: another server, or the same in another role, ${
        event.read_only ? "read-only" : "writable"
      }: all is forgotten, and nothing is killed for ${event.grace}`;
    case "same-server":
      return `${event.database}: this is the same server as ${event.other}: with the lease, one of them acts`;
    case "unreachable":
      return `${event.database}: ${event.reason}${event.advice === undefined ? "" : `: ${event.advice}`}`;
    case "privilege":
      return `${event.database}: no right to ${
        meaningOf(event.need)
      }, missing ${event.missing}: ${event.remedy}`;
    case "unkillable":
      return unkillableText(event);
    case "gate":
      return `${event.database}: ${event.policy} is ${event.state}${becauseText(event.because)}`;
    case "match":
    case "kill":
      return describeSelection(event);
    case "budget":
      return budgetText(event);
    case "gave-up":
      return `${event.database}: ${event.policy} stops until its gate closes: its last ${
        plural(event.rounds, "round")
      } did not improve it${becauseText(event.because)}`;
    case "lease":
      return `${event.database}: ${LEASES[event.state]}${event.holder ?? ""}${event.reason ?? ""}`;
    case "pause":
      return pauseText(event);
    case "config":
      return configText(event);
    case "journal":
      return journalText(event);
    case "abandoned":
      return `${event.database}: ${event.action} of session ${event.session_id}, ${event.policy}, intended at ` +
        `${event.intended_at}: ${event.outcome}, the program ended before its outcome was known`;
    case "evidence":
      return `${event.database}: ${
        event.reason === undefined
          ? `${plural(event.looks ?? 0, "look")} before a kill are in ${event.file}`
          : `the looks before a kill cannot be written to ${event.file}: ${event.reason}`
      }`;
    case "notify":
      return notifyText(event);
    case "http":
      return httpText(event);
    case "shards":
      return `${event.schema}: ${SHARDS[event.state]}${
        event.reason === undefined ? "" : `: ${event.reason}`
      }`;
    case "shard-gate": {
      const whose = event.shard === undefined ? event.schema : `${event.schema}: ${event.shard}`;
      return `${whose}: ${event.policy} is ${event.state}${becauseText(event.because)}`;
    }
    case "shard-change":
      return shardChangeText(event);
    case "shard-move":
      return shardMoveText(event);
    case "heartbeat": {
      const { looks, kills, errors, skipped, late_ms, paused } = event;
      const missed = skipped === 0 ? "" : `, ${plural(skipped, "look")} skipped`;
      return `${event.database}: ${plural(looks, "look")}, ${late_ms} ms late at most${missed}, ` +
        `${plural(kills, "kill")}, ${plural(errors, "error")}${pausedText(paused)}`;
    }
    default:
      return describeProxysql(event);
  }
}

function journalText({ file, state, reason, lost = 0 }: JournalEvent): string {
  switch (state) {
    case "failed":
      return `${file} cannot be written: ${reason}: nothing is killed until it can be`;
    case "recovered":
      return `${file} can be written again`;
    case "incomplete":
      return `${file} lacks ${plural(lost, "record")} of decisions and looks, and no kill: ${reason}`;
  }
}

function notifyText({ channel, state, reason, waiting = 0 }: NotifyEvent): string {
  return state === "recovered"
    ? `${channel} is told again`
    : `${channel} is not told: ${reason}: ${plural(waiting, "notice")} ${waiting === 1 ? "waits" : "wait"}`;
}

function httpText({ state, address, access, tls = false, reason, caveat }: HttpEvent): string {
  if (state === "refused") return reason ?? `cannot listen on ${address}`;
  if (state === "stopped") return `${address}: no longer served`;
  const who = access === "open" ? "anybody who can reach it" : `who has a ${access}`;
  const limits = caveat === undefined ? "" : `: ${caveat}`;
  return `${tls ? "https" : "http"}://${address} is served to ${who}${limits}`;
}

const SHARDS = {
  active: "this coordinator holds the lease, and may change the group",
  standby: "this coordinator changes nothing",
  "dry-run": "this coordinator only says what it would do: sharding.mode is dry-run",
  unreadable: "the shards cannot be looked at",
  readable: "the shards can be looked at again",
  waiting: "the router cannot answer yet",
  answering: "the router answers",
  failed: "what is served of the shards has ended",
};

function shardChangeText(
  { state, schema, action, policy, shard, added, change, step, reason, because = [] }: ShardChangeEvent,
): string {
  const what = `${action}${shard === undefined ? "" : ` of ${shard}`}${
    added === undefined ? "" : ` with ${added}`
  }`;
  const head = change === undefined ? `${schema}: ` : `${schema}: change ${change}, `;
  const why = reason === undefined ? "" : `: ${reason}`;
  const whose = policy === undefined ? "" : ` (${policy}${becauseText(because)})`;
  const verdicts = {
    match: "matched",
    would: `would ${what}`,
    skipped: `no ${what}${why}`,
    decided: `decided: ${what}`,
    step: `${what}: ${step}`,
    waiting: `${what} waits at ${step}${why}`,
    done: `${what} is done${why}`,
    failed: `${what} failed${why}`,
    cancelled: `${what} was cancelled${why}`,
    refused: `${what} is refused${why}`,
  };
  return `${head}${verdicts[state]}${whose}`;
}

function shardMoveText({ state, schema, move, step, rows, reason }: ShardMoveEvent): string {
  const words = {
    step: step ?? "",
    copied: `${plural(rows ?? 0, "row")} copied`,
    waiting: `waits${reason === undefined ? "" : `: ${reason}`}`,
    ended: `${step ?? "ended"}${reason === undefined ? "" : `: ${reason}`}`,
    refused: `refused${reason === undefined ? "" : `: ${reason}`}`,
  };
  return `${schema}: ${move === undefined ? "a move" : `move ${move}`}: ${words[state]}`;
}

function pauseText({ state, database, reason, by, until }: PauseEvent): string {
  const where = database ?? "all databases";
  const who = by === undefined ? "" : `, by ${by}`;
  const end = until === undefined ? "" : `, until ${until}`;
  return `${where}: kills are ${state}: ${quoted(reason)}${who}${end}`;
}

function configText(
  { state, file, databases = 0, armed = 0, changed = 0, database, change, keys = [], problems = [] }:
    ConfigEvent,
): string {
  if (state === "refused") return `${file} is wrong, and nothing has changed: ${problems.join("; ")}`;
  if (state === "reloaded") {
    return `${file} is in force: ${
      plural(databases, "database")
    }, ${armed} in enforce mode, ${changed} changed`;
  }
  const values = keys.map(({ key, before, after }) =>
    `${key}: ${before ?? "(none)"} -> ${after ?? "(none)"}`
  );
  return `${database}: ${CHANGES[change ?? "rules"]}${values.length === 0 ? "" : `: ${values.join(", ")}`}`;
}

const CHANGES = {
  rules: "goes on under other rules",
  connection: "is connected to anew",
  added: "is watched from now on",
  removed: "is not watched any more",
};

function pausedText(paused: string | undefined): string {
  return paused === undefined ? "" : `; kills are paused: ${quoted(paused)}`;
}

function unkillableText(
  { database, trx, time_ms = 0, rows_modified, blocking = 0, session, thread, reason }: UnkillableEvent,
): string {
  if (trx !== undefined) {
    return `${database}: the transaction ${trx}, ${durationText(time_ms)} old, with ` +
      `${rows_modified} changed rows, has no session: XA RECOVER shows it, XA COMMIT or XA ROLLBACK ends it`;
  }
  const who = session !== undefined ? sessionText(session) : thread ?? "a transaction without a session";
  return `${database}: nobody ends ${who}, for which ${plural(blocking, "session")} ${
    blocking === 1 ? "waits" : "wait"
  }: ${reason}`;
}

function budgetText({ database, state, limit, action, allowed, per, policy }: BudgetEvent): string {
  const what = limit === "kills"
    ? plural(allowed, "kill")
    : `${plural(allowed, action)}, a share of what is there,`;
  return `${database}: ${what} per ${per}: ${
    state === "spent" ? `spent (${policy}): deciding and logging only` : "free again"
  }`;
}

const LEASES = {
  held: "this program holds the lease, and kills",
  elsewhere: "nothing is killed from here, the lease is held by ",
  unavailable: "nothing is killed, the server cannot lock (lease: off does without): ",
};

function describeSelection(event: KillEvent | MatchEvent): string {
  const { database, policy, session, statement, because } = event;
  return [
    `${database}: ${verdictText(event)} ${sessionText(session)}`,
    statement === undefined ? "" : `: ${statement.digest_text}`,
    ` (${policy}${becauseText(because)})`,
    event.event === "kill" && event.note !== undefined ? `: ${event.note}` : "",
  ].join("");
}

function verdictText(event: KillEvent | MatchEvent): string {
  if (event.event === "match") return "matched";
  const { outcome, reason, action, took_ms } = event;
  if (outcome === "skipped") return `spared, ${reason}:`;
  if (outcome === "would-kill") return `would ${action}`;
  return `${action}, ${outcome}${took_ms === undefined ? "" : ` in ${took_ms} ms`}:`;
}

/** A session in words. */
export function sessionText(
  { id, user, host, definer, db, time_ms, idle_time_ms, waits_for, client }: SessionReport,
): string {
  const age = time_ms === undefined
    ? idle_time_ms === undefined ? "" : `, idle for ${durationText(idle_time_ms)}`
    : `, running for ${durationText(time_ms)}`;
  const whose = user === null ? `unknown, shown as ${definer ?? "nobody"}` : `${user}@${host ?? "unknown"}`;
  const waits = waits_for === undefined ? "" : `, waiting for ${waits_for.map(blockerText).join(", ")}`;
  const behind = client === undefined ? "" : `, ${clientText(client)}`;
  return `session ${id} of ${whose}${db === "" ? "" : ` in ${db}`}${behind}${age}${waits}`;
}

/** A client behind a proxy in words. */
export function clientText({ proxy, session, user, host }: ClientReport): string {
  return `for ${user}@${host} through ${proxy} (session ${session})`;
}

/** The sessions that a session waits for, by the ids of `WaitEdge`. */
function blockerText(id: number): string {
  return id > 0 ? String(id) : id === 0 ? "a transaction without a session" : "a thread of the server";
}

function becauseText(because: readonly Clause[]): string {
  return because.map((clause) => `; ${clauseText(clause)}`).join("");
}

/** A clause in words, with its values if they add anything. */
export function clauseText({ expression, left, right, by }: Clause): string {
  const way = by === undefined ? "" : ` by ${by}`;
  const isPlain = left === right && expression.includes("=") && !/^not\b|!=|<>/i.test(expression);
  if (isPlain || (right === undefined && left === "true")) return `${expression}${way}`;
  return `${expression}: ${left}${way}${
    right === undefined || expression.endsWith(right) ? "" : ` against ${right}`
  }`;
}

function durationText(value: number): string {
  return formatQuantity({ type: "duration", value });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
