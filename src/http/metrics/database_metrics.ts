import type { DatabaseState } from "../fleet/mod.ts";
import { type DatabaseMetric, seconds } from "./metric.ts";

/**
 * The metrics of each database. Nothing is counted by policy: five policies would be dozens of series a database. What
 * each policy did is in the events, the journal and the API.
 */
export const DATABASE_METRICS: readonly DatabaseMetric[] = [
  {
    name: "up",
    type: "gauge",
    help: "Whether the database can be watched: 1, or 0 if it is unreachable.",
    when: "unless the first connection is still being made",
    of: ({ reach }) => reach === "connecting" ? undefined : Number(reach === "watched"),
  },
  {
    name: "last_look_timestamp_seconds",
    type: "gauge",
    help: "When the last look at the database ended, since 1970.",
    when: "after the first look",
    of: ({ lookedAt }) => seconds(lookedAt),
  },
  {
    name: "look_duration_seconds",
    type: "gauge",
    help: "How long the last look took.",
    when: "after the first look",
    of: ({ took }) => seconds(took),
  },
  { name: "looks_total", type: "counter", help: "Looks that succeeded.", of: ({ looks }) => looks },
  {
    name: "errors_total",
    type: "counter",
    help:
      "What failed: connections, looks, and kills that did not do what they should; counted once a minute.",
    of: ({ errors }) => errors,
  },
  {
    name: "looks_skipped_total",
    type: "counter",
    help: "Looks that were due while the one before had not ended; counted once a minute.",
    of: ({ skipped }) => skipped,
  },
  {
    name: "looks_late_total",
    type: "counter",
    help: "Looks that began more than 50 ms late; counted once a minute.",
    of: ({ late }) => late,
  },
  {
    name: "replication_lag_seconds",
    type: "gauge",
    help: "What a reader of the replica is behind its source.",
    when: "a policy asks for lag, and it is known",
    of: (state) => seconds(numberOf(state, "lag")),
  },
  {
    name: "history_list_length",
    type: "gauge",
    help: "InnoDB's history list length.",
    when: "a policy asks for hll, and it is known",
    of: (state) => numberOf(state, "hll"),
  },
  {
    name: "threads_running",
    type: "gauge",
    help: "Threads of the server that are not idle.",
    when: "a policy asks for threads_running, and it is known",
    of: (state) => numberOf(state, "threads_running"),
  },
  {
    name: "oldest_transaction_seconds",
    type: "gauge",
    help: "The age of the oldest open transaction.",
    when: "a policy asks for oldest_transaction, and it is known",
    of: (state) => seconds(numberOf(state, "oldest_transaction")),
  },
  {
    name: "gates_open",
    type: "gauge",
    help: "Policies whose gate is open. A policy without a gate does not count.",
    label: { name: "mode", meaning: "`enforce`, or `dry-run`: what the policies do there" },
    when: "a policy of that mode is in force, and the database is reachable",
    of: gatesOpen,
  },
  {
    name: "kills_total",
    type: "counter",
    help: "Sessions that a policy selected to be killed, by what became of them, over all policies.",
    label: {
      name: "outcome",
      meaning: "`killed`, `would-kill` in a dry run, and the others that events have",
    },
    when: "`killed` in enforce mode, `would-kill` in a dry run; others once there was one",
    of: killsByOutcome,
  },
  {
    name: "spared_total",
    type: "counter",
    help: "Sessions that a policy selected and that were not killed, for whatever reason.",
    of: ({ spared }) => Object.values(spared).reduce((sum, count) => sum + count, 0),
  },
  {
    name: "lease_held",
    type: "gauge",
    help: "Whether this program holds the lease, and may kill there.",
    when: "in enforce mode with the lease, once it was asked for",
    of: ({ lease }) => lease && Number(lease.state === "held"),
  },
  {
    name: "paused",
    type: "gauge",
    help: "Whether kills are paused there, by the pause file or by a request.",
    of: (_, isPaused) => Number(isPaused),
  },
  {
    name: "budget_spent",
    type: "gauge",
    help: "Whether the kills of its budget are spent.",
    of: ({ budget }) => Number(budget === "spent"),
  },
];

/** What was read at the last look says nothing once the database is lost. */
function numberOf({ reach, values }: DatabaseState, name: string): number | undefined {
  const value = values[name];
  return reach === "watched" && typeof value === "number" ? value : undefined;
}

function gatesOpen({ gates }: DatabaseState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const gate of gates) {
    // Why it is open is worked out when it is asked for.
    const isOpen = gate.state === "open" && gate.because.length > 0;
    counts[gate.mode] = (counts[gate.mode] ?? 0) + Number(isOpen);
  }
  return counts;
}

function killsByOutcome({ mode, outcomes }: DatabaseState): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { [mode === "enforce" ? "killed" : "would-kill"]: 0 };
  for (const own of Object.values(outcomes)) {
    for (const [outcome, count] of Object.entries(own)) counts[outcome] = (counts[outcome] ?? 0) + count;
  }
  return counts;
}
