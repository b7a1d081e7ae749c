import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Clock } from "../../src/clock.ts";
import {
  type Decision,
  NO_MEMORY,
  type Policy,
  type Rules,
  type Session,
  verdicts,
} from "../../src/policy/mod.ts";
import { isUnknown } from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";
import { type Look, look } from "../../src/look/look.ts";
import type { LookSource } from "../../src/target/mod.ts";
import { withAlike } from "../../src/mysql/reads/alike.ts";
import { everyNeed, type Needs, needsOf } from "../../src/policy/needs.ts";
import { expression, policy, rules, session } from "../policy/fixture.ts";

const HOLDS = ["holds_table_lock", "holds_backup_lock", "holds_user_lock", "holds_handler"] as const;
const GUARDS: readonly string[] = ["prepared", "holds_shown", ...HOLDS];

/** Shows of its sessions only what it is asked for, as a server does. */
class Source implements LookSource {
  readonly own = { user: "sniper", program: "query-sniper" };
  readonly blind = false;
  readonly #sessions: readonly Session[];
  readonly #answersGuards: boolean;

  constructor(sessions: readonly Session[], answersGuards = true) {
    this.#sessions = sessions;
    this.#answersGuards = answersGuards;
  }

  health(): ReturnType<LookSource["health"]> {
    const report = { identity: { server: "one", started: 1 }, uptime: 3_600_000, readOnly: false };
    return Promise.resolve({ health: {}, report });
  }

  alike(sessions: readonly Session[]) {
    return withAlike(sessions);
  }

  sessions() {
    return Promise.resolve(this.#sessions.map((each) => pick(each, (name) => !isCostly(name))));
  }

  counts() {
    return Promise.resolve({ running: 100, connections: 100 });
  }

  details(sessions: readonly Session[], { ids, needs }: Parameters<LookSource["details"]>[1]) {
    return Promise.resolve({
      sessions: this.#with(sessions, ids, (name) => needs.has(name)),
      sessionless: [],
    });
  }

  guards(sessions: readonly Session[], ids: ReadonlySet<number>) {
    return Promise.resolve(
      this.#answersGuards ? this.#with(sessions, ids, (name) => GUARDS.includes(name)) : sessions,
    );
  }

  #with(sessions: readonly Session[], ids: ReadonlySet<number>, isShown: (name: string) => boolean) {
    return sessions.map((known): Session => {
      const whole = this.#sessions.find(({ id }) => id === known.id)!;
      return ids.has(known.id) ? { ...known, ...pick(whole, isShown) } : known;
    });
  }
}

function isCostly(name: string): boolean {
  return GUARDS.includes(name) || VOCABULARY.row(name)?.costly === true;
}

function pick(session: Session, isWanted: (name: string) => boolean): Session {
  return Object.fromEntries(Object.entries(session).filter(([name]) => isWanted(name))) as Session;
}

const unknown = fc.constant({ unknown: "not to be read" });
const truth = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean(), unknown);
const amount = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 5) }, unknown);

const SESSIONS: fc.Arbitrary<readonly Session[]> = fc.array(
  fc.record({
    running: fc.boolean(),
    user: fc.constantFrom("app", "batch", "sniper"),
    program: fc.oneof(fc.constantFrom("", "mydumper", "mysqlsh", "query-sniper"), unknown),
    sql: fc.constantFrom("SELECT 1 FROM t", "ALTER TABLE t FORCE", "COMMIT"),
    prepared: truth,
    holds_shown: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
    holds_table_lock: truth,
    holds_backup_lock: truth,
    holds_user_lock: truth,
    holds_handler: truth,
    blocking: amount,
    waiting: truth,
    blocks_replication: truth,
    transaction_time: amount,
    rows_modified: amount,
  }),
  { minLength: 1, maxLength: 4 },
).map((all) => all.map((each, index) => session({ ...each, id: index + 1 })));

const CLAUSES = [
  "always",
  "running",
  "idle",
  "user = 'app'",
  "blocking > 0",
  "not waiting",
  "blocks_replication",
  "transaction_time > 2ms",
  "verb in ('alter', 'dump')",
  "program like 'my%'",
  ...HOLDS,
  ...HOLDS.map((name) => `not ${name}`),
];

const WHERE = fc.tuple(fc.constantFrom(...CLAUSES), fc.constantFrom("and", "or"), fc.constantFrom(...CLAUSES))
  .map((parts) => parts.join(" "));

const POLICIES: fc.Arbitrary<readonly Policy[]> = fc.array(
  fc.record({
    where: WHERE,
    then: fc.constantFrom("kill query" as const, "kill connection" as const, "log" as const),
    any: fc.boolean(),
    shadow: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
).map((all) =>
  all.map(({ where, then, any, shadow }, index) =>
    policy({
      name: `p${index}`,
      where,
      then,
      ...any && { rollback: "any" },
      ...shadow && { mode: "dry-run" },
    })
  )
);

const RULES: fc.Arbitrary<Rules> = fc.tuple(POLICIES, fc.option(WHERE, { nil: undefined })).map(
  ([policies, protect]) =>
    rules(policies, {
      rollbackRows: 3,
      protect: protect === undefined ? [] : [expression(protect, "session")],
    }),
);

const CLOCK: Clock = { now: () => 100_000, wall: () => 0, sleep: () => Promise.resolve() };

async function lookAt(
  rules: Rules,
  source: LookSource,
  { needs, everything = false }: { readonly needs: Needs; readonly everything?: boolean },
): Promise<Look> {
  return await look(
    source,
    { rules, needs, everything, hold: undefined },
    { ...NO_MEMORY, holdUntil: 0 },
    CLOCK,
  );
}

/** `POLICY ID WHAT`, in which every kill is one, rehearsed or not. */
function brief(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    const { policy, session } = decision;
    const what = decision.verdict === "skip" ? decision.reason : decision.verdict;
    return `${policy} ${session.id} ${what === "act" || what === "would-kill" ? "kill" : what}`;
  }).toSorted();
}

Deno.test("explain, a dry run and a run that kills come to the same verdict on the same session", async () => {
  await fc.assert(
    fc.asyncProperty(RULES, SESSIONS, async (rules, sessions) => {
      const asked = { needs: needsOf(rules) };
      const enforced = await lookAt(rules, new Source(sessions), asked);
      const rehearsed = await lookAt({ ...rules, mode: "dry-run" }, new Source(sessions), asked);
      const whole = await lookAt(rules, new Source(sessions), { needs: everyNeed(rules), everything: true });
      const explained = verdicts(whole.snapshot!, whole.gates, rules, { ...NO_MEMORY, holdUntil: 0 }, 100_000)
        .flatMap(({ policies }) => policies.flatMap(({ decision }) => decision ?? []));
      assertEquals(brief(enforced.decisions), brief(explained));
      assertEquals(brief(rehearsed.decisions), brief(explained));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("nobody is killed who is prepared or may be, nor idle with what no policy names", async () => {
  let kills = 0;
  await fc.assert(
    fc.asyncProperty(RULES, SESSIONS, async (rules, sessions) => {
      const { decisions } = await lookAt(rules, new Source(sessions), { needs: needsOf(rules) });
      for (const { verdict, policy, session: { id } } of decisions) {
        if (verdict !== "act" && verdict !== "would-kill") continue;
        kills++;
        const victim = sessions.find((each) => each.id === id)!;
        const { needs } = rules.policies.find(({ name }) => name === policy)!.where;
        assertEquals(victim.prepared, false);
        if (victim.running || victim.holds_shown === false) continue;
        const isBlocker = needs.includes("blocking") && Number(victim.blocking) > 0 ||
          needs.includes("blocks_replication") && victim.blocks_replication === true;
        const held = HOLDS.filter((hold) => victim[hold] !== false);
        assert(
          isBlocker || held.every((hold) => needs.includes(hold) && !isUnknown(victim[hold])),
          held.join(),
        );
      }
    }),
    { numRuns: 3000 },
  );
  assert(kills > 100, `${kills} kills`);
});

Deno.test("where nobody answers what has to be known before a kill, there is none", async () => {
  await fc.assert(
    fc.asyncProperty(RULES, SESSIONS, async (rules, sessions) => {
      const source = new Source(sessions, false);
      const { decisions } = await lookAt(rules, source, { needs: needsOf(rules) });
      assertEquals(decisions.filter(({ verdict }) => verdict === "act" || verdict === "would-kill"), []);
    }),
    { numRuns: 1000 },
  );
});
