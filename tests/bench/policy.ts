// How many sessions times policies a second the policy engine judges, without anything around it: as a look does, it
// narrows down who may be selected, and decides, with the memory of the look before. 1,000 sessions, half of them
// running; 100 policies of ten kinds, each with a gate that is open; about one session in a hundred is selected.
//
// The limit: each condition is asked once for each session. `floor` does that and no more; a look does it once to
// narrow, and once more to decide.

import {
  decide,
  Gate,
  type Memory,
  narrow,
  NO_MEMORY,
  type Policy,
  type Rules,
  type Session,
  type Snapshot,
} from "../../src/policy/mod.ts";
import { policy, rules, session } from "../policy/fixture.ts";
import { type Benchmark, median, round } from "./figure.ts";

const SESSIONS = 1000;
const POLICIES = 100;
const TARGET = 1_000_000;

/** One for each habit; the number makes each of its kind another policy. */
const KINDS: readonly ((index: number) => Parameters<typeof policy>[0])[] = [
  (index) => ({ where: `running and verb = 'select' and time > ${100 + index}s` }),
  (index) => ({ where: `command = 'Query' and time > limits.query_time and user = 'nobody${index}'` }),
  (index) => ({ where: `user in ('a${index}', 'b', 'c', 'd') and time > 10s` }),
  (index) => ({ where: `idle and idle_time > ${100 + index}s`, then: "kill connection" }),
  (index) => ({ where: `db = 'reports${index}' and not user = 'etl'`, then: "kill connection" }),
  (index) => ({ where: `sql matches 'controller:orders${index}' and time > 5s` }),
  (index) => ({ where: `user like 'batch${index}%' and running` }),
  (index) => ({ where: `(verb = 'update' or verb = 'delete') and rows_modified > ${1_000_000 + index}` }),
  (index) => ({ where: `host = '10.0.1.${index}' or state = 'Copying to tmp table'`, then: "log" }),
  (index) => ({ where: `running and time > limits.query_time and program != 'mysqldump' and id = ${index}` }),
];

const VERBS = [
  "SELECT * FROM t WHERE id = 1",
  "UPDATE t SET a = 1",
  "INSERT INTO t VALUES (1)",
  "DELETE FROM t",
];

function sessionAt(index: number): Session {
  const running = index % 2 === 0;
  return session({
    id: 1000 + index,
    running,
    sql: VERBS[index % 4]!,
    user: ["app", "web", "etl", "shop"][index % 4]!,
    host: `10.0.0.${index % 250}`,
    execution: `execution-${index}`,
    ...running ? { time: index % 50 === 0 ? 150_000 : 20 + index } : { idle_time: 10 * index },
  });
}

/** The same sessions at each look, as a database is whose sessions stay. */
function stage(): { readonly snapshot: Snapshot; readonly set: Rules; readonly gates: readonly Gate[] } {
  const policies = Array.from(
    { length: POLICIES },
    (_, index): Policy => policy({ name: `p${index}`, ...KINDS[index % KINDS.length]!(index) }),
  );
  const sessions = Array.from({ length: SESSIONS }, (_, index) => sessionAt(index));
  const snapshot: Snapshot = {
    at: 0,
    health: {},
    sessions,
    server: { server: "one", started: 1 },
    counts: { running: SESSIONS / 2, connections: SESSIONS },
    own: { user: "sniper", program: "query-sniper" },
  };
  const gates = policies.map(({ name }) =>
    new Gate({ policy: name, state: "open", by: "when", since: 0, looks: 1, ready: true }, [])
  );
  return { snapshot, set: rules(policies), gates };
}

export const policyEngine: Benchmark = ({ quick }) => {
  const { snapshot, set, gates } = stage();
  let memory: Memory = NO_MEMORY;
  let now = 0;
  let decisions = 0;
  const look = () => {
    now += 1000;
    narrow(snapshot, gates, set, memory);
    const decided = decide(snapshot, gates, set, memory, now);
    decisions += decided.decisions.length;
    memory = decided.memory;
  };
  const floor = () => {
    for (const { where } of set.policies) {
      for (const session of snapshot.sessions) {
        if (where.evaluate({ limits: set.limits, database: {}, session }) === true) decisions++;
      }
    }
  };
  const looks = quick ? 10 : 40;
  const [pairs, bare] = [pairsPerSecond(look, looks), pairsPerSecond(floor, looks)];
  if (decisions === 0) throw new Error("nobody was selected: this measures nothing");
  return Promise.resolve([{
    benchmark: "policy",
    what:
      `session-policy pairs a second, ${SESSIONS} × ${POLICIES}, narrowed and decided; floor: one pass, no more`,
    ours: millions(pairs),
    theirs: millions(bare),
    ratio: round(pairs / bare),
    target: `>= ${millions(TARGET)}`,
    met: pairs >= TARGET,
  }]);
};

/** By the median look: the compiler, and whoever else is on the machine, take their time out of some. */
function pairsPerSecond(look: () => void, looks: number): number {
  for (let index = 0; index < 5; index++) look(); // until the compiler has seen it
  const times = Array.from({ length: looks }, () => {
    const begun = performance.now();
    look();
    return performance.now() - begun;
  });
  return SESSIONS * POLICIES / (median(times) / 1000);
}

function millions(value: number): string {
  return `${round(value / 1e6)} M`;
}
