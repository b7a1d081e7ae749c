import { assert, assertEquals, assertMatch } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { digest } from "../../src/digest/mod.ts";
import { ACCOUNTS, Client } from "../lab/mod.ts";
import type { LoggedEvent } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  errorOf,
  INTERRUPTED,
  killsOf,
  linesOf,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
} from "../integration/fixture.ts";

/** Longer than the performance schema keeps. */
const PADDING = `'${"x".repeat(1200)}' <> ''`;

/** A statement that goes on until it is ended, with tags behind its padding. */
function tagged(job: string, { padding = PADDING } = {}): string {
  return `${slowQuery(60)} WHERE ${padding} /*controller='users',job='${job}',user='secret4711'*/`;
}

interface Told extends LoggedEvent {
  readonly policy: string;
  readonly session: { readonly id: number; readonly program?: string };
  readonly statement: {
    readonly digest: string;
    readonly digest_text: string;
    readonly server_digest?: string;
    readonly verb: string;
    readonly tables: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
    readonly sql?: string;
  };
}

function selections({ stdout }: { readonly stdout: string }): readonly Told[] {
  const events = linesOf({ stdout }).map((line) => JSON.parse(line) as Told);
  return events.filter(({ event }) => event === "match" || event === "kill");
}

await onEachFlavor("statements", [
  ["tags behind the part that is cut select, and what is told of a statement is complete", async (pair) => {
    const { primary } = pair;
    const app = ACCOUNTS.app;
    const attributes = { program_name: "reports", team: "billing" };
    await using nightly = await Client.connect(primary, app, {
      database: "test",
      connectAttributes: attributes,
    });
    await using hourly = await Client.connect(primary, app, { database: "test" });
    await using prepared = await Client.connect(primary, app, { database: "test" });
    const statements = [
      start(nightly, tagged("nightly")),
      start(hourly, tagged("hourly")),
      {
        id: prepared.id,
        error: errorOf(prepared.execute(tagged("nightly").replace("'sesame-4711'", "?"), ["seam"])),
      },
    ] as const;
    const result = await runOnce({
      rules: `
        policies:
          - { name: by-tag, where: "running and tag.job = 'nightly'", then: kill query }
          - { name: by-digest, where: "digest = '${digest(tagged("any")).digest}'", then: log }
          - { name: by-program, where: "attribute.team = 'billing'", then: log }
          - { name: known, where: "attribute.team is unknown", then: log }
      `,
      databases: [primary],
    });
    const isMysql = pair.flavor === "mysql";
    // MariaDB's lab account may not read its performance schema, and is told so.
    assertCleanEnd(result, isMysql ? 0 : 1);
    const told = selections(result);
    const of = (policy: string) =>
      told.filter((event) => event.policy === policy).map(({ session }) => session.id);
    assertEquals(of("by-tag").toSorted(), [nightly.id, prepared.id].toSorted());
    assertEquals(told.filter(({ policy }) => policy === "by-tag").map(({ outcome }) => outcome), [
      "killed",
      "killed",
    ]);
    assertEquals(of("by-digest").toSorted(), [nightly.id, hourly.id, prepared.id].toSorted());
    assertEquals(of("by-program"), isMysql ? [nightly.id] : []);
    assertEquals(
      of("known").length >= 3,
      !isMysql,
      "where the server does not show attributes, they are unknown",
    );
    const { session, statement } = told.find(({ session, policy }) =>
      session.id === nightly.id && policy === "by-tag"
    )!;
    assertEquals(session.program, isMysql ? "reports" : undefined);
    assertEquals(statement.tags, { controller: "users", job: "nightly" });
    assertEquals({ verb: statement.verb, tables: statement.tables }, { verb: "select", tables: [] });
    assertEquals(statement.digest, digest(tagged("any")).digest);
    await using root = await Client.connect(primary);
    const [own] = isMysql
      ? await root.query(`SELECT STATEMENT_DIGEST(?) AS digest`.replace("?", quote(tagged("any"))))
      : [];
    assertEquals(statement.server_digest, own?.["digest"]);
    const [first, spared, second] = statements;
    assertEquals([await first.error, await second.error], [INTERRUPTED, INTERRUPTED]);
    await assertSpared(primary, spared);
  }],
  ["a tag that may stand behind what any list keeps is unknown: nothing is killed", async ({ primary }) => {
    await using client = await Client.connect(primary, ACCOUNTS.app, { database: "test" });
    const running = start(
      client,
      tagged("nightly", { padding: `'${"x".repeat(70_000)}' <> ''` }),
    );
    const result = await runOnce({
      rules: `
        policies:
          - { name: other, where: "running and tag.job != 'hourly'", then: kill query }
          - { name: none, where: "running and tag.job = ''", then: kill query }
          - { name: unknown, where: "running and tag.job is unknown and user = 'app'", then: log }
      `,
      databases: [primary],
    });
    assertCleanEnd(result);
    const told = selections(result);
    assertEquals(told.map(({ policy }) => policy), ["unknown"]);
    assertMatch(told[0]!.statement.digest_text, / …$/);
    await assertSpared(primary, running);
  }],
  ["a connection that has never run anything is ended like any other", async ({ primary }) => {
    await using leaked = await appClients(primary, 2);
    const ids = leaked.clients.map(({ id }) => id);
    // MySQL tells their age in whole seconds.
    await systemClock.sleep(2100);
    const result = await runOnce({
      rules:
        `policies: [{ name: leaked, where: "idle and idle_time > 500ms and user = 'app'", then: kill connection }]`,
      databases: [primary],
    });
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)).toSorted(), ids.map((id) => `killed ${id}`).toSorted());
  }],
  ["raw SQL is told only where that was asked for, and the start says so", async ({ primary }) => {
    await using client = await Client.connect(primary, ACCOUNTS.app, { database: "test" });
    const sql = tagged("nightly");
    const running = start(client, sql);
    const result = await runOnce({
      rules: `
        log: { sql: raw }
        policies: [{ name: any, where: "running and user = 'app'", then: log }]
      `,
      databases: [primary],
    });
    const [begun] = linesOf(result).map((line) => JSON.parse(line) as LoggedEvent);
    assertEquals([begun!.event, begun!["level"], begun!["sql"]], ["start", "warning", "raw"]);
    assertEquals(selections(result).map(({ statement }) => statement.sql), [sql]);
    assert(!selections(result)[0]!.statement.digest_text.includes("sesame"));
    await assertSpared(primary, running);
  }],
], { alone: true });

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
