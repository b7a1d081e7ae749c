import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { connect, disconnect, kill, readIdentity, readSessions, type Server } from "../../src/mysql/mod.ts";
import type { Identity, Session } from "../../src/policy/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client, type LabServer, waitFor } from "../lab/mod.ts";
import type { LoggedEvent } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  killsOf,
  onEachFlavor,
  type Running,
  runOnce,
  slowQuery,
  start,
  startSniper,
} from "../integration/fixture.ts";
import { type HeldLink, type Moment, startHeldLink } from "./held_link.ts";

const RULES =
  "policies: [{ name: long, where: \"user = 'app' and sql like '%condemned%' and time > 300ms\", then: kill query }]" +
  "\ngrace: 1s";
const CONDEMNED = slowQuery(30, "condemned-4711");
const INNOCENT = slowQuery(60, "innocent-4711");

/** A restart amid a kill: two sessions are decided on at one look, and killed one after the other. */
interface Restart {
  readonly moment: Moment;
  readonly end: (server: LabServer) => Promise<void>;
  /** What becomes of the first and the second. */
  readonly outcomes: readonly [string, string];
  /** How many kills the server that went down was asked for. */
  readonly asked: number;
}

const RESTARTS: readonly Restart[] = [
  { moment: "before the kill", end: (server) => server.kill(), outcomes: ["unconfirmed", "stale"], asked: 0 },
  {
    moment: "before its answer",
    end: (server) => server.kill(),
    outcomes: ["unconfirmed", "stale"],
    asked: 1,
  },
  {
    moment: "after its answer",
    end: (server) => server.stop(),
    outcomes: ["unconfirmed", "unconfirmed"],
    asked: 1,
  },
];

// The replica has connection ids that can be foretold: nobody but the test connects to it.
const CASES: readonly Case[] = [
  ...RESTARTS.map((restart): Case => [
    `a restart ${restart.moment} leaves both outcomes told, and their connection ids untouched`,
    ({ replica }) => assertNothingCarriedOver(replica, restart),
  ]),

  ["`once` tells of a server that goes down amid a kill, and exits with 1", async ({ replica }) => {
    await using link = startHeldLink(replica, "before its answer");
    await using app = await appClients(replica, 2);
    await condemn(app.clients);
    const run = runOnce({ rules: RULES, databases: [link.database] });
    await moment(link);
    await replica.kill();
    const { code, stdout, stderr } = await run;
    assertEquals([code, stderr], [1, ""]);
    const fates = killsOf(stdout.trim().split("\n")).map((kill) => kill.split(" ")[0]);
    assertEquals(fates.toSorted(), ["stale", "unconfirmed"]);
    assertEquals(link.kills, 1);
    await replica.start();
  }],

  [
    "kill() misses the session that has a condemned one's connection id, on a server that restarted",
    async (pair) => {
      const { replica } = pair;
      await passIds(replica, 50);
      await using app = await appClients(replica, 1);
      const [condemned] = await condemn(app.clients) as [Running];
      const before = await observed(replica, async (server, now) => {
        return { server: await identityOf(server), session: await now(condemned.id) };
      });
      await replica.kill();
      await replica.start();
      await using reborn = await clientsWithIds(replica, [condemned.id]);
      await observed(replica, async (server, now) => {
        assert((await identityOf(server)).started > before.server.started);
        const innocent = start(reborn.clients[0]!, INNOCENT);
        const { execution } = await now(innocent.id);
        for (const kind of ["query", "connection"] as const) {
          // What one server process counts, the next one counts anew: both names may be met again.
          for (const name of [before.session.execution, execution]) {
            const target = { kind, id: innocent.id, execution: name, running: true, lease: undefined };
            const answer = await kill(server.killing!, server.capabilities, {
              ...target,
              server: before.server,
            });
            assertEquals(answer, "missed", kind);
          }
        }
        await assertSpared(replica, innocent);
      });
    },
  ],
];

await onEachFlavor("A restart", CASES);

async function assertNothingCarriedOver(server: LabServer, restart: Restart): Promise<void> {
  await passIds(server, 50);
  await using link = startHeldLink(server, restart.moment);
  await using app = await appClients(server, 2);
  const ids = (await condemn(app.clients)).map(({ id }) => id).toSorted();
  await using sniper = await startSniper({ rules: RULES, databases: [link.database] });
  await moment(link);
  await restart.end(server);
  await server.start();
  await using reborn = await clientsWithIds(server, ids);
  const innocent = reborn.clients.map((client) => start(client, INNOCENT));
  await using other = await appClients(server, 1);
  const next = start(other.clients[0]!, CONDEMNED);
  assertEquals(link.kills, restart.asked);
  link.restore();
  const isConnected = ({ event }: LoggedEvent) => event === "connected";
  await sniper.event("the second connection", () => sniper.events().filter(isConnected).length === 2);
  assertEquals(await next.error, INTERRUPTED);
  await sniper.event("the kill", ({ outcome }) => outcome === "killed");
  for (const statement of innocent) await assertSpared(server, statement);
  const told = sniper.kills().slice(0, 2);
  assertEquals(told.map((kill) => Number(kill.split(" ")[1])).toSorted(), ids);
  assertEquals(told.map((kill) => kill.split(" ")[0]).toSorted(), restart.outcomes.toSorted());
  assertEquals(sniper.kills().slice(2), [`grace ${next.id}`, `killed ${next.id}`]);
  assertEquals(link.kills, restart.asked + 1);
  assertCleanEnd(await sniper.stop());
}

/** Starts statements that the policy selects at the first look, all of them. */
async function condemn(clients: readonly Client[]): Promise<readonly Running[]> {
  const running = clients.map((client) => start(client, CONDEMNED));
  await systemClock.sleep(600);
  return running;
}

/** Waits for the moment that the link holds the program at. */
async function moment(link: HeldLink): Promise<void> {
  await waitFor("the kill", () => link.held.then(() => true), { timeoutMs: 20_000 });
}

/** Uses up connection ids, so that those that come next are free again after a restart. */
async function passIds(server: LabServer, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) {
    await using _client = await Client.connect(server, ACCOUNTS.app);
  }
}

/** Connects until the connections have these ids, which must be the next ones to come. */
async function clientsWithIds(
  server: LabServer,
  ids: readonly number[],
): Promise<AsyncDisposable & { readonly clients: readonly Client[] }> {
  const clients: Client[] = [];
  while (clients.length < ids.length) {
    const client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
    if (ids.includes(client.id)) {
      clients.push(client);
      continue;
    }
    await client.close();
    assert(client.id < Math.min(...ids), `connection id ${client.id} came before ${ids}`);
  }
  return {
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Looks at a server as the program does. `now` waits for a session's statement. */
async function observed<T>(
  { host, port }: LabServer,
  look: (server: Server, now: (id: number) => Promise<Session>) => Promise<T>,
): Promise<T> {
  const { user, password } = ACCOUNTS.sniper;
  const server = await connect({
    address: { host, port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  }, { armed: true });
  const { watching, capabilities } = server;
  try {
    return await look(server, (id) =>
      waitFor(`the statement of session ${id}`, async () => {
        const [session] = await readSessions(watching, capabilities, { ids: [id], uptime: Infinity });
        return session?.running && session;
      }));
  } finally {
    await disconnect(server);
  }
}

/** Who a server is, once it is old enough: when a process started is compared give or take a second. */
async function identityOf({ watching, capabilities }: Server): Promise<Identity> {
  return await waitFor("the server to be 3 s old", async () => {
    const { identity, uptime } = await readIdentity(watching, capabilities);
    return uptime >= 3000 && identity;
  });
}
