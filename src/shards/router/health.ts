import type { Clock } from "../../clock.ts";
import type { Pool } from "./pool.ts";
import { RouterProblem } from "./problem.ts";
import type { Routing } from "./router.ts";

/** What is looked at. */
export interface HealthOptions {
  readonly router: Routing;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly clock: Clock;
}

/** Whether a router can answer. */
export interface Health {
  readonly status: "ok" | "failing";
  readonly map_version: number | null;
  readonly shards: Readonly<Record<string, string>>;
  readonly why?: string;
}

/** How long a shard may take to say that it is there, in milliseconds. */
const PATIENCE = 2000;

/** For how long an answer is given again, in milliseconds: whoever asks takes no sessions from those who are at work. */
const FRESH = 1000;

/** Tells whether a router can answer, once for all who ask within a second. */
export function healthReader(options: HealthOptions): () => Promise<Health> {
  const { clock } = options;
  let last: { readonly health: Promise<Health>; until: number } | undefined;
  return () => {
    if (last !== undefined && clock.now() < last.until) return last.health;
    const look = { health: healthOf(options), until: Infinity };
    const rest = () => void (look.until = clock.now() + FRESH);
    look.health.then(rest, rest);
    last = look;
    return look.health;
  };
}

/** Only shards that own slots are asked. Where one is not there, the map is read anew: it may have been drained since. */
async function healthOf(options: HealthOptions): Promise<Health> {
  const { router, pools } = options;
  try {
    let version = await router.mapVersion();
    let rows = await asked(options);
    if (rows.some(([, state]) => state !== "ok")) {
      const before = [...pools.values()];
      version = await router.mapVersion({ anew: true }).catch(() => version);
      const isSame = before.length === pools.size && before.every((pool) => pools.get(pool.name) === pool);
      if (!isSame) rows = await asked(options);
    }
    const bad = rows.filter(([, state]) => state !== "ok").map(([name]) => name);
    const why = bad.length === 0 ? {} : { why: `cannot be used: ${bad.join(", ")}` };
    const status = bad.length === 0 ? "ok" : "failing";
    return { status, map_version: version ?? null, shards: Object.fromEntries(rows), ...why };
  } catch (error) {
    const shards = Object.fromEntries(await asked(options));
    return { status: "failing", map_version: null, shards, why: (error as Error).message };
  }
}

/** Of each shard whether it can be used, or why not. */
async function asked(
  { pools, clock }: HealthOptions,
): Promise<readonly (readonly [name: string, state: string])[]> {
  return await Promise.all([...pools].map(async ([name, pool]) => {
    const until = clock.now() + PATIENCE;
    try {
      await pool.use(
        { until },
        (connection) => connection.answers("DO 1", { timeout: PATIENCE, rows: 1, bytes: 1 }),
      );
      return [name, "ok"] as const;
    } catch (error) {
      // All sessions are at work: it is there.
      if (error instanceof RouterProblem && error.code === "busy") return [name, "ok"] as const;
      return [name, error instanceof Error ? error.message : String(error)] as const;
    }
  }));
}
