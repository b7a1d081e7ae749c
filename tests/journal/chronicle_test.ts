import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../src/clock.ts";
import { type Event, EventStream } from "../../src/events/mod.ts";
import { decisionEvent, outcomeEvent } from "../../src/events/mod.ts";
import { Chronicle, Journal } from "../../src/journal/mod.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";
import { journalRows, queryJournal } from "./rows.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const HOUR = 3_600_000;
const RETENTION = { keep: 400 * 86_400_000, maxSize: 2 ** 31 };
const SQL = "SELECT 'sesame-4711' FROM orders";

/** A clock that a test sets. Sleeps end at once, but for those of a minute and longer, which last. */
class TestClock implements Clock {
  at = NOON;

  now(): number {
    return this.at;
  }

  wall(): number {
    return this.at;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds < MINUTE) return Promise.resolve();
    return new Promise((resolve) => signal?.addEventListener("abort", () => resolve()));
  }
}

interface Stage {
  readonly file: string;
  readonly clock: TestClock;
  readonly lost: string[];
  /** Does something with a new chronicle, and ends it. */
  run(
    use: (chronicle: Chronicle, emit: (event: Event) => void) => void,
    options?: StageOptions,
  ): Promise<void>;
}

interface StageOptions {
  readonly version?: string;
  readonly once?: boolean;
  readonly sql?: "digest" | "raw";
}

async function withStage(test: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  const clock = new TestClock();
  const lost: string[] = [];
  const stage: Stage = {
    file,
    clock,
    lost,
    async run(use, { version = "1.0.0", once = false, sql = "digest" } = {}) {
      const chronicle = new Chronicle(file, {
        ...{ clock, version, once, retention: RETENTION },
        lost: (reason, writes) => lost.push(`${writes} ${reason}`),
      });
      const stream = new EventStream({ clock, sql });
      const subscription = stream.subscribe(chronicle.subscriber);
      await use(chronicle, (event) => stream.emit(event));
      await subscription.flush(1000);
      await chronicle.settle();
      await chronicle.end();
    },
  };
  try {
    await test(stage);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function decisionOf(mode: "enforce" | "dry-run", more: Parameters<typeof session>[0] = {}): Decision {
  const set = rules([policy()], { mode });
  return look(set, { sessions: [session({ sql: SQL, user: "app", ...more })] }).decisions[0]!;
}

Deno.test("what a dry run decides, skips and matches is in the journal, and no literal", () =>
  withStage(async ({ file, clock, run }) => {
    const would = decisionOf("dry-run", { server_digest: "ab" });
    const { decisions: [spared] } = look(rules([policy()]), {
      sessions: [session({ sql: SQL })],
      memory: { ...MEMORY, hold: { reason: "paused", note: "restore" } },
    });
    const { decisions: [matched] } = look(rules([policy({ then: "log" })]), {
      sessions: [session({ sql: SQL })],
    });
    await run((chronicle, emit) => {
      chronicle.adopt(new Map([["orders", new Map([["long", { hash: "h1", armed: false }]])]]));
      for (const decision of [would, spared!, matched!]) emit(decisionEvent("orders", decision));
    }, { sql: "raw" });
    const rows = journalRows(file);
    assertEquals(
      rows.map(({ outcome, reason, action, note }) => [outcome, reason, action, note]),
      [
        ["would-kill", null, "kill query", null],
        ["skipped", "paused", "kill query", "restore"],
        ["match", null, "log", null],
      ],
    );
    const [row] = rows;
    assertEquals([row!["at"], row!["database"], row!["hash"], row!["intended"]], [
      clock.at,
      "orders",
      "h1",
      0,
    ]);
    assertEquals([row!["user"], row!["digest_text"], row!["server_digest"]], [
      "app",
      "SELECT ? FROM `orders`",
      "ab",
    ]);
    assertEquals(JSON.parse(String(row!["expressions"])), ["time > 10s"]);
    assertEquals(JSON.parse(String(row!["evidence"])), [{ left: "1m", right: "10s" }]);
    assert(!new TextDecoder("latin1").decode(await Deno.readFile(file)).includes("4711"));
    const counts = queryJournal(
      file,
      "SELECT w.text, d.count, d.time_ms, d.worst_ms FROM day_digest d JOIN word w ON w.id = d.outcome",
    );
    assertEquals(counts.map((count) => Object.values(count)).toSorted(), [
      ["match", 1, 60_000, 60_000],
      ["skipped", 1, 60_000, 60_000],
      ["would-kill", 1, 60_000, 60_000],
    ]);
  }));

const MEMORY = look(rules([]), { sessions: [] }).memory;

Deno.test("a kill is in the journal once, whether its intent was written or not", () =>
  withStage(async ({ file, clock, run }) => {
    const decision = decisionOf("enforce");
    const journal = new Journal(file, () => {});
    await run((chronicle, emit) => {
      for (const outcome of ["killed", "gone", "stale", "changed", "denied", "journal"] as const) {
        const intended = outcome === "killed" || outcome === "gone";
        if (intended) journal.conclude(journal.intend("orders", decision, clock.at), { outcome, took_ms: 1 });
        const event = outcomeEvent("orders", {
          decision,
          outcome,
          took_ms: 1,
          ...intended && { intended },
        });
        emit(event);
        if (!intended) chronicle.untried(event);
      }
    });
    journal.close();
    const rows = journalRows(file).map(({ outcome, reason, intended }) =>
      [outcome, reason, intended].join(" ")
    );
    assertEquals(rows.toSorted(), [
      "changed  0",
      "denied  0",
      "gone  1",
      "killed  1",
      "skipped journal 0",
      "skipped stale 0",
    ]);
    assertEquals(new Journal(file, () => {}).spent("orders", 0).length, 1, "the budget counts what was done");
  }));

Deno.test("gates are kept with what opened and closed them, and end with the last look", () =>
  withStage(async ({ file, clock, run }) => {
    const clause = (left: string) => [{ expression: "lag > 30s", left, right: "30s" }];
    const gate = (state: "open" | "closed" | "unknown", left: string): Event => ({
      ...{ event: "gate", database: "orders", policy: "lagging", state },
      because: clause(left),
    });
    await run(async (chronicle, emit) => {
      emit(gate("open", "31s"));
      clock.at += 5000;
      emit(gate("closed", "2s"));
      clock.at += 5000;
      emit(gate("open", "40s"));
      clock.at += 1000;
      chronicle.looked("orders", { interval: 1000, health: {} });
      clock.at += 60_000;
      await Promise.resolve(); // the stream hands its events on after the turn
      chronicle.left("orders");
    });
    const rows = queryJournal(
      file,
      "SELECT opened_at, closed_at, expressions, evidence, closed_evidence FROM gate " +
        "JOIN clauses ON clauses.id = gate.clauses ORDER BY gate.id",
    ).map((row) => Object.values(row));
    const closed = JSON.stringify(clause("2s"));
    assertEquals(rows, [
      [NOON, NOON + 5000, '["lag > 30s"]', '[{"left":"31s","right":"30s"}]', closed],
      [NOON + 10_000, NOON + 11_000, '["lag > 30s"]', '[{"left":"40s","right":"30s"}]', null],
    ]);
  }));

Deno.test("a gate that a program left open when it was killed ends with that program's last look", () =>
  withStage(async ({ file, clock, run }) => {
    await run((chronicle, emit) => {
      emit({ event: "gate", database: "orders", policy: "lagging", state: "open", because: [] });
      for (let minute = 0; minute < 5; minute++) {
        chronicle.looked("orders", { interval: 1000, health: {} });
        clock.at += MINUTE;
      }
    });
    clock.at += 26 * HOUR;
    await run((_, emit) => {
      const connected = { flavor: "x", version: "1", mode: "enforce", encrypted: false } as const;
      emit({ event: "connected", database: "orders", ...connected });
    });
    const [row] = queryJournal(file, "SELECT closed_at - opened_at AS open FROM gate");
    assertEquals(row!["open"], 4 * MINUTE);
  }));

Deno.test("looks, errors and the worst lag of each hour are kept by day, and added to what is there", () =>
  withStage(async ({ file, clock, run }) => {
    clock.at = Date.UTC(2026, 10, 20, 23, 58, 30);
    const day = Math.floor(clock.at / 86_400_000);
    await run((chronicle) => {
      for (let times = 0; times < 8; times++) {
        chronicle.looked("orders", { interval: 1000, health: { lag: 1000 * times, hll: 500 } });
        clock.at += 15_000;
      }
      chronicle.counted("orders", { errors: 2, late: 3, late_ms: 70, skipped: 4 });
    });
    await run((chronicle) => {
      chronicle.looked("orders", { interval: 1000, health: { lag: 900, hll: { unknown: "denied" } } });
      chronicle.counted("orders", { errors: 1, late: 1, late_ms: 50, skipped: 0 });
    });
    const rows = queryJournal(file, "SELECT * FROM coverage ORDER BY day").map((row) => {
      const { seen, database: _, ...rest } = row;
      return { ...rest, seen: minutesIn(seen as Uint8Array) } as Readonly<Record<string, unknown>>;
    });
    assertEquals(rows, [
      { day, looks: 6, minutes: 2, errors: 0, late: 0, worst_ms: 0, skipped: 0, seen: [1438, 1439] },
      { day: day + 1, looks: 3, minutes: 1, errors: 3, late: 4, worst_ms: 70, skipped: 4, seen: [0] },
    ]);
    const health = queryJournal(file, "SELECT day, hours FROM health ORDER BY day").map(({ hours }) =>
      floatsIn(hours as Uint8Array)
    );
    assertEquals([health[0]![23], health[0]![47], health[1]![0], health[1]![24]], [5, 500, 7, 500]);
    assertEquals(health[0]!.filter(Number.isNaN).length, 46, "the other hours are unknown");
  }));

function minutesIn(seen: Uint8Array): readonly number[] {
  return Array.from({ length: 1440 }, (_, minute) => minute).filter((minute) =>
    (seen[minute >> 3]! & (1 << (minute & 7))) !== 0
  );
}

function floatsIn(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: 48 }, (_, index) => view.getFloat32(4 * index, true));
}

Deno.test("looks that are rarer than minutes leave no minute missed, and a missed look does", () =>
  withStage(async ({ file, clock, run }) => {
    await run((chronicle) => {
      for (const minutes of [0, 5, 5, 20, 5]) {
        clock.at += minutes * MINUTE;
        chronicle.looked("orders", { interval: 5 * MINUTE, health: {} });
      }
    });
    const [row] = queryJournal(file, "SELECT seen, minutes, looks FROM coverage");
    const expected = [720, 721, 722, 723, 724, 725, 726, 727, 728, 729, 730, 750, 751, 752, 753, 754, 755];
    assertEquals(minutesIn(row!["seen"] as Uint8Array), expected);
    assertEquals([row!["minutes"], row!["looks"]], [17, 5]);
  }));

Deno.test("marks tell of starts, upgrades, pauses and changed policies", () =>
  withStage(async ({ file, clock, run }) => {
    const start: Event = { event: "start", version: "1", config: "c", databases: 2, armed: 1, sql: "digest" };
    const adopted = (hash: string, armed: boolean, ...names: readonly string[]) =>
      new Map(["orders", "users"].map((name) => [
        name,
        new Map([["long", { hash, armed }], ...names.map((each) => [each, { hash: "x", armed }] as const)]),
      ]));
    await run((chronicle, emit) => {
      emit(start);
      chronicle.adopt(adopted("a", false, "lagging"));
      chronicle.paused(new Map());
      chronicle.paused(new Map([[null, "restore, ask Kim"], ["orders", "a copy"]]));
      chronicle.paused(new Map([[null, "restore, ask Kim"], ["users", "a copy"]]));
      chronicle.adopt(
        new Map([...adopted("a", false, "lagging"), ["users", adopted("b", true).get("users")!]]),
      );
      emit({ event: "stop", reason: "SIGTERM", looks: 1, kills: 0, errors: 0 });
    });
    clock.at += HOUR;
    await run((chronicle, emit) => {
      emit(start);
      chronicle.adopt(adopted("b", true, "idle"));
      chronicle.paused(new Map());
    }, { version: "1.1.0" });
    clock.at += HOUR;
    await run((chronicle, emit) => {
      emit(start);
      chronicle.adopt(adopted("b", true, "idle"));
      emit({ event: "stop", reason: "done", looks: 1, kills: 0, errors: 0 });
    }, { version: "1.1.0", once: true });
    const marks = queryJournal(
      file,
      "SELECT kind, name, text FROM mark LEFT JOIN database b ON b.id = mark.database ORDER BY at, kind, text",
    ).map(({ kind, name, text }) => `${kind} ${name ?? "*"}: ${text}`);
    assertEquals(marks, [
      "paused orders: a copy",
      "paused users: a copy",
      "paused *: restore, ask Kim",
      "policy-changed users: policy lagging is gone",
      "policy-changed users: policy long changed, and may kill",
      "resumed orders: kills are no longer paused",
      "started *: query-sniper 1.0.0: 2 databases, 1 in enforce mode",
      "stopped *: SIGTERM",
      "policy-changed *: policy idle is new, and may kill, on 2 databases",
      "policy-changed orders: policy lagging is gone",
      "policy-changed orders: policy long changed, and may kill",
      "resumed *: kills are no longer paused",
      "resumed users: kills are no longer paused",
      "started *: query-sniper 1.1.0: 2 databases, 1 in enforce mode",
      "upgraded *: query-sniper 1.1.0, before it was 1.0.0",
    ]);
  }));

Deno.test("executions of killed digests are what ran between two readings of one server", () =>
  withStage(async ({ file, clock, run }) => {
    const decision = decisionOf("enforce", { server_digest: "d1" });
    const journal = new Journal(file, () => {});
    await run((chronicle, emit) => {
      assertEquals(chronicle.killedDigests("orders"), []);
      journal.conclude(journal.intend("orders", decision, clock.at), { outcome: "killed", took_ms: 1 });
      emit(outcomeEvent("orders", { decision, outcome: "killed", took_ms: 1, intended: true }));
    });
    journal.close();
    await run((chronicle) => {
      assertEquals(chronicle.killedDigests("orders"), ["d1"], "those of the program before");
      const read = (server: string, count: number) =>
        chronicle.executed("orders", server, [{ serverDigest: "d1", count, time_ms: 10 * count }]);
      read("one", 1000);
      read("one", 1007);
      read("one", 1007);
      read("two", 50);
      read("two", 60);
      read("two", 3); // somebody has emptied the summary
      chronicle.executed("orders", "two", []);
      read("two", 100);
    });
    const rows = queryJournal(
      file,
      "SELECT e.count, e.time_ms, g.digest_text FROM executions e JOIN digest g ON g.id = e.digest",
    );
    assertEquals(rows.map((row) => Object.values(row)), [[7 + 10 + 3, 200, "SELECT ? FROM `orders`"]]);
  }));

Deno.test("what cannot be written is told, and holds up nothing", () =>
  withStage(async ({ file, lost, run }) => {
    const newer = new DatabaseSync(file);
    newer.exec("CREATE TABLE decision (id INTEGER); PRAGMA user_version = 3");
    newer.close();
    await run((_, emit) => emit(decisionEvent("orders", decisionOf("dry-run"))));
    assertEquals(lost.length, 1);
    assert(lost[0]!.startsWith("1 it is of version 3"), lost[0]);
  }));
