import { Exposition, type Format } from "../metrics/exposition.ts";
import { type Measured, type MetricRow, seconds } from "../metrics/metric.ts";
import { processUse } from "../metrics/process_use.ts";
import { BUILD_INFO, PROCESS_METRICS, type ProcessView } from "../metrics/process_metrics.ts";
import type { RequestCounts } from "../request_counts.ts";
import type { AgentContext, AgentState } from "./agent_context.ts";

/** What the metrics of an agent are made of. */
interface AgentView extends ProcessView {
  readonly context: AgentContext;
  readonly state: AgentState;
}

/** A metric of an agent. */
export interface AgentMetric extends MetricRow {
  of(view: AgentView): Measured;
}

const ANSWERED = "ProxySQL has answered";

/** All metrics of an agent. Documentation and `/metrics` come from this table. */
export const AGENT_METRICS: readonly AgentMetric[] = [
  BUILD_INFO,
  {
    name: "proxysql_up",
    type: "gauge",
    help: "Whether the admin interface of ProxySQL answered the last statement.",
    of: ({ state }) => Number(state.state === "up"),
  },
  {
    name: "proxysql_health",
    type: "gauge",
    help: "What the probes are told: 1 is well.",
    label: { name: "probe", meaning: "`live`, `ready` or `started`" },
    of: ({ state: { live, ready, started } }) => ({
      live: Number(live),
      ready: Number(ready),
      started: Number(started),
    }),
  },
  {
    name: "proxysql_draining",
    type: "gauge",
    help: "Whether ProxySQL drains.",
    of: ({ state }) => Number(state.draining),
  },
  {
    name: "proxysql_paused",
    type: "gauge",
    help: "Whether ProxySQL takes no new connections.",
    when: "ProxySQL tells (since 2.6)",
    of: ({ state: { paused } }) => paused === null ? undefined : Number(paused),
  },
  {
    name: "proxysql_leader",
    type: "gauge",
    help: "Whether this agent leads those of its cluster.",
    when: "one of them is elected",
    of: ({ state: { leader } }) => leader === null ? undefined : Number(leader.state === "leads"),
  },
  {
    name: "proxysql_backends",
    type: "gauge",
    help: "Servers behind ProxySQL, once for each hostgroup.",
    label: { name: "status", meaning: "as ProxySQL calls it, such as `ONLINE` or `SHUNNED`" },
    when: ANSWERED,
    of: ({ state: { backends } }) => countBy(backends, ({ status }) => status),
  },
  {
    name: "proxysql_peers",
    type: "gauge",
    help: "Cores that ProxySQL lists.",
    label: { name: "state", meaning: "`up`, `silent` or `unreached`" },
    when: ANSWERED,
    of: ({ state: { peers } }) => countBy(peers, ({ state }) => state),
  },
  {
    name: "proxysql_last_answer_timestamp_seconds",
    type: "gauge",
    help: "When ProxySQL answered a look last, since 1970.",
    when: ANSWERED,
    of: ({ state: { last_answer } }) => timestamp(last_answer),
  },
  {
    name: "proxysql_looks_total",
    type: "counter",
    help: "Looks at ProxySQL.",
    of: ({ state }) => state.counts.looks,
  },
  {
    name: "proxysql_look_errors_total",
    type: "counter",
    help: "Looks that ProxySQL did not answer.",
    of: ({ state }) => state.counts.errors,
  },
  {
    name: "proxysql_dumps_total",
    type: "counter",
    help: "Dumps of digests.",
    label: { name: "state", meaning: "`written` or `failed`" },
    of: ({ state: { counts } }) => ({ written: counts.dumps, failed: counts.failed_dumps }),
  },
  {
    name: "proxysql_last_dump_timestamp_seconds",
    type: "gauge",
    help: "When the last dump of digests was written, since 1970.",
    when: "this program has written one",
    of: ({ state: { last_dump } }) => timestamp(last_dump),
  },
  {
    name: "proxysql_purges_total",
    type: "counter",
    help: "How often ProxySQL's digests were emptied.",
    of: ({ state }) => state.counts.purges,
  },
  {
    name: "proxysql_closed_sessions_total",
    type: "counter",
    help: "Idle sessions that drains have ended.",
    of: ({ state }) => state.counts.closed_sessions,
  },
  {
    name: "proxysql_works",
    type: "gauge",
    help: "What is under way.",
    label: { name: "work", meaning: "`resync`, `stamp`, `drain`, `resume`, `dump` or `shutdown`" },
    when: "something is",
    of: ({ state: { works } }) =>
      countBy(works.filter(({ state }) => state === "running"), ({ work }) => work),
  },
  {
    name: "events_dropped_total",
    type: "counter",
    help: "Events that a reader of them was too slow for.",
    of: ({ context }) => context.dropped(),
  },
  ...PROCESS_METRICS,
];

/** The metrics of an agent, rendered when somebody asks. */
export class AgentMetrics {
  readonly #context: AgentContext;
  readonly #requests: RequestCounts;
  readonly #expositions: Readonly<Record<Format, Exposition>> = {
    text: new Exposition("text", []),
    openmetrics: new Exposition("openmetrics", []),
  };
  /** One rendering after the other: they share their registry. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: AgentContext, requests: RequestCounts) {
    this.#context = context;
    this.#requests = requests;
  }

  text(format: Format): Promise<string> {
    const text = this.#last.then(() => this.#render(format));
    this.#last = text.catch(() => {});
    return text;
  }

  async #render(format: Format): Promise<string> {
    const context = this.#context;
    const requests = { ...this.#requests.byStatus };
    const view: AgentView = { context, state: await context.state(), requests, use: processUse() };
    const exposition = this.#expositions[format];
    const families: string[] = [];
    for (const row of AGENT_METRICS) families.push(await exposition.linesOf(row, [[{}, row.of(view)]]));
    return exposition.textOf(families);
  }
}

function countBy<T>(
  all: readonly T[],
  key: (item: T) => string,
): Readonly<Record<string, number>> | undefined {
  if (all.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const item of all) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function timestamp(iso: string | null): number | undefined {
  return iso === null ? undefined : seconds(Date.parse(iso));
}
