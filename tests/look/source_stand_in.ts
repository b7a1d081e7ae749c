import type { Clock } from "../../src/clock.ts";
import { type Memory, NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { needsOf } from "../../src/policy/needs.ts";
import { look, type LookOptions } from "../../src/look/look.ts";
import type {
  CauseOptions,
  HealthReport,
  HealthRequest,
  LookSource,
  SessionDetails,
  SessionFilter,
  StatementOptions,
} from "../../src/target/mod.ts";
import { policy, rules, session } from "../policy/fixture.ts";

/** Who answers. */
export const REPORT = { identity: { server: "one", started: 1 }, uptime: 3_600_000, readOnly: false };

/** A clock by which each reading takes a second. */
class ReadingTime implements Clock {
  ms = 100_000;
  now = () => this.ms;
  wall = () => 0;
  sleep = () => Promise.resolve();
}

/** What a source answers. */
export interface Script {
  readonly health?: Partial<HealthReport>;
  readonly sessions?: readonly Session[];
  readonly blind?: boolean;
  /** Whether sessions are read in one round trip with the health, where that is asked for. */
  readonly ahead?: boolean;
  readonly shielded?: LookSource["shielded"];
  /** What reading details comes to. */
  readonly details?: Partial<SessionDetails>;
  /** What reading guards makes of each session. */
  readonly guards?: (session: Session) => Session;
}

/** One look at a source that answers as told, and all that it was asked. */
export async function lookAt(
  script: Script,
  options: Pick<LookOptions, "rules"> & Partial<LookOptions>,
  memory: Memory = NO_MEMORY,
) {
  const clock = new ReadingTime();
  const asked: { what: string; ids?: readonly number[]; request?: unknown }[] = [];
  const tell = (what: string, rest: { ids?: ReadonlySet<number>; request?: unknown } = {}) => {
    clock.ms += 1000;
    const { ids, ...others } = rest;
    asked.push({ what, ...ids && { ids: [...ids] }, ...others });
  };
  const { sessions = [session()], shielded } = script;
  const source: LookSource = {
    own: { user: "sniper", program: "query-sniper" },
    ...shielded && { shielded },
    blind: script.blind ?? false,
    health(request: HealthRequest) {
      tell("health", { request });
      const ahead = script.ahead && request.sessions !== undefined ? { sessions } : {};
      return Promise.resolve({ health: {}, report: REPORT, ...ahead, ...script.health });
    },
    sessions(filter: SessionFilter) {
      tell("sessions", { request: filter });
      return Promise.resolve(sessions);
    },
    alike: (all) => all.map((each) => ({ ...each, same_user: all.length })),
    counts() {
      tell("counts");
      return Promise.resolve({ running: 10, connections: 20 });
    },
    details(all, options: StatementOptions & CauseOptions) {
      tell("details", { ids: options.ids, request: options });
      return Promise.resolve({ sessions: all, sessionless: [], ...script.details });
    },
    guards(all, ids) {
      tell("guards", { ids });
      return Promise.resolve(all.map(script.guards ?? ((each) => each)));
    },
  };
  const found = await look(
    source,
    {
      needs: needsOf(options.rules),
      hold: undefined,
      ...options,
    },
    memory,
    clock,
  );
  return { ...found, asked, names: asked.map(({ what }) => what) };
}

/** One policy, that ends what runs for more than ten seconds. */
export const LONG = rules([policy()]);
