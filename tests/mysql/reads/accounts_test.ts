import { assertEquals } from "@std/assert";
import { type Connection, DatabaseError } from "../../../src/connection/mod.ts";
import { isUnknown } from "../../../src/language/mod.ts";
import { DEFINERS } from "../../../src/mysql/definers.ts";
import { Accounts } from "../../../src/mysql/reads/accounts.ts";
import type { Session } from "../../../src/policy/mod.ts";
import { runningSession } from "./session.ts";

const SHOWS_DEFINERS = { accounts: "definer" } as const;

/** A server whose routines' definers change, and how often it was asked for them. */
function server(definers: string[]): { readonly connection: Connection; asked: () => number } {
  let asked = 0;
  const query = (sql: string) => {
    if (sql !== DEFINERS) return Promise.resolve([]);
    asked++;
    return Promise.resolve(definers.map((definer) => ({ definer })));
  };
  return { connection: { query } as unknown as Connection, asked: () => asked };
}

const areKnown = (sessions: readonly Session[]) => sessions.map(({ user }) => !isUnknown(user));

Deno.test("definers are read every ten seconds, and not at a look without anybody at work", async () => {
  const { connection, asked } = server([]);
  const accounts = new Accounts();
  const sessions = [runningSession("SELECT 1")];
  const idle = [{ ...sessions[0]!, running: false, idle: true }];
  assertEquals(await accounts.resolve(connection, SHOWS_DEFINERS, { sessions: idle, now: 0 }), idle);
  assertEquals(asked(), 0);
  for (const now of [0, 100, 5000, 9999]) {
    assertEquals(await accounts.resolve(connection, SHOWS_DEFINERS, { sessions, now }), sessions);
  }
  assertEquals(asked(), 1);
  await accounts.resolve(connection, SHOWS_DEFINERS, { sessions, now: 10_000 });
  assertEquals(asked(), 2);
});

Deno.test("before somebody is ended they are read again, and a definer that is new is unknown", async () => {
  const definers = ["root@localhost"];
  const { connection, asked } = server(definers);
  const accounts = new Accounts();
  const sessions = [runningSession("SELECT 1"), { ...runningSession("SELECT 2"), user: "other" }];
  await accounts.resolve(connection, SHOWS_DEFINERS, { sessions, now: 0 });
  definers.push("app@localhost");
  const resolved = await accounts.resolve(connection, SHOWS_DEFINERS, { sessions, now: 100 });
  assertEquals(areKnown(resolved), [true, true]);
  const confirmed = await accounts.confirm(connection, SHOWS_DEFINERS, { sessions: resolved, now: 100 });
  assertEquals(areKnown(confirmed), [false, true]);
  assertEquals([confirmed[0]!.definer, isUnknown(confirmed[0]!.verb), asked()], ["app", true, 2]);
  assertEquals(
    await accounts.confirm(connection, SHOWS_DEFINERS, { sessions: confirmed, now: 100 }),
    confirmed,
  );
  assertEquals(asked(), 2, "once a look");
});

Deno.test("where they cannot be read any more, nobody at work is known", async () => {
  const accounts = new Accounts();
  const sessions = [runningSession("SELECT 1")];
  await accounts.resolve(server([]).connection, SHOWS_DEFINERS, { sessions, now: 0 });
  const query = () => Promise.reject(new DatabaseError("denied", "SELECT command denied"));
  const connection = { query } as unknown as Connection;
  assertEquals(areKnown(await accounts.confirm(connection, SHOWS_DEFINERS, { sessions, now: 100 })), [false]);
});

Deno.test("a connection from nowhere is that of a role that defines a routine", async () => {
  const { connection } = server(["reports"]);
  const sessions = [{ ...runningSession("SELECT 1"), user: "reports", host: "" }];
  const found = await new Accounts().resolve(connection, SHOWS_DEFINERS, { sessions, now: 0 });
  assertEquals(areKnown(found), [false]);
});
