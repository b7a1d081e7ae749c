// What a kill that arrives late can hit. A client runs short statements back to back on one connection; kills
// are aimed at each that is seen running, by the program's own reading and its own conditional kill. Every
// statement carries its number, so that the one that failed can be told from the one that was aimed at.
//
//   deno run --allow-all tests/bench/race.ts [mariadb|mysql …] [statement|procedure|text|event …] [COUNT]
//
// Ways to kill: by a statement; by a provider's procedures (stand-ins for those of RDS); by the text of the
// statement alone, on a MySQL without its performance schema; by statement event, on a MariaDB with it.
//
// The limit that physics sets: a statement that ends between the server's comparison and its KILL cannot be
// told from one that runs, unless the server does both in one step, as MariaDB's KILL QUERY ID does.

import {
  connect,
  disconnect,
  kill,
  type KillTarget,
  readIdentity,
  readSessions,
  type Server,
} from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import type { Session } from "../../src/policy/mod.ts";
import { createKillProcedures } from "../long/kill_procedures.ts";
import { ACCOUNTS, availableFlavors, Client, type Flavor, type LabServer, startPair } from "../lab/mod.ts";

/** How long the victims run, in seconds; the shorter, the more often one ends while it is being killed. */
const LENGTHS = [0, 0.004];

const WAYS = ["statement", "procedure", "text", "event"] as const;
type Way = typeof WAYS[number];

/** What a server is started with, where a way takes that. */
const SETTINGS: Readonly<Partial<Record<Way, readonly string[]>>> = {
  text: ["--performance-schema=OFF"],
  event: [
    "--performance-schema=ON",
    "--performance-schema-instrument=statement/%=ON",
    "--performance-schema-consumer-events-statements-current=ON",
  ],
};
/** The flavor on which a way is another one than by statement. */
const ONLY: Readonly<Partial<Record<Way, Flavor>>> = { text: "mysql", event: "mariadb" };

interface Tally {
  readonly flavor: Flavor;
  readonly way: Way;
  readonly kind: KillTarget["kind"];
  readonly milliseconds: number;
  aimed: number;
  sent: number;
  missed: number;
  /** Statements that failed and had been aimed at. */
  hit: number;
  /** Statements that failed and had not. */
  innocent: number;
}

/** Runs statements until told to stop, and notes the numbers of those that failed. */
class Victim {
  readonly failed: number[] = [];
  #client: Client;
  #number = 0;
  #stopped = false;
  readonly ended: Promise<void>;

  private constructor(client: Client, readonly server: LabServer, readonly seconds: number) {
    this.#client = client;
    this.ended = this.#run();
  }

  static async start(server: LabServer, seconds: number): Promise<Victim> {
    return new Victim(await Client.connect(server, ACCOUNTS.app), server, seconds);
  }

  get id(): number {
    return this.#client.id;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.ended;
    await this.#client.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const number = ++this.#number;
      try {
        await this.#client.query(
          `SELECT ${number} AS number, SLEEP(${this.seconds / 2}) FROM (SELECT 1 UNION ALL SELECT 2) AS two`,
        );
      } catch (error) {
        this.failed.push(number);
        if ((error as { errno?: number }).errno === 1317) continue;
        this.#client.destroy();
        this.#client = await Client.connect(this.server, ACCOUNTS.app);
      }
    }
  }
}

function numberOf({ sql }: Session): number {
  const text = typeof sql === "object" && "text" in sql ? sql.text.reveal() : "";
  return Number(/^SELECT (\d+)/.exec(text)?.[1] ?? NaN);
}

async function measure(server: Server, lab: LabServer, tally: Tally, count: number): Promise<void> {
  const victim = await Victim.start(lab, tally.milliseconds / 1000);
  const { identity } = await readIdentity(server.watching, server.capabilities);
  const aimedAt = new Set<number>();
  try {
    while (tally.aimed < count) {
      const { id } = victim;
      const [session] = await readSessions(server.watching, server.capabilities, {
        ids: [id],
        uptime: Infinity,
      });
      if (session === undefined || !session.running || Number.isNaN(numberOf(session))) continue;
      tally.aimed++;
      aimedAt.add(numberOf(session));
      const { execution, running } = session;
      const target = { kind: tally.kind, id, execution, running, server: identity, lease: undefined };
      tally[await kill(server.killing!, server.capabilities, target)]++;
    }
  } finally {
    await victim.stop();
  }
  tally.hit = victim.failed.filter((number) => aimedAt.has(number)).length;
  tally.innocent = victim.failed.length - tally.hit;
}

async function bench(flavor: Flavor, way: Way, count: number): Promise<readonly Tally[]> {
  await using pair = await startPair(flavor, { serverArguments: SETTINGS[way] ?? [] });
  if (way === "procedure") await createKillProcedures(pair);
  const { host, port } = pair.primary;
  const { user, password } = ACCOUNTS.sniper;
  const account = { user, password: new Secret(password) };
  const server = await connect({ address: { host, port }, tls: { mode: "disabled" }, account }, {
    armed: true,
  });
  const tallies: Tally[] = [];
  for (const kind of ["query", "connection"] as const) {
    for (const seconds of LENGTHS) {
      const milliseconds = seconds * 1000;
      const tally: Tally = {
        flavor,
        way,
        kind,
        milliseconds,
        aimed: 0,
        sent: 0,
        missed: 0,
        hit: 0,
        innocent: 0,
      };
      await measure(server, pair.primary, tally, kind === "query" ? count : Math.ceil(count / 5));
      tallies.push(tally);
    }
  }
  await disconnect(server);
  return tallies;
}

const available = await availableFlavors();
const flavors = available.filter((flavor) => Deno.args.includes(flavor));
const count = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 10_000);
const tallies: Tally[] = [];
const asked = WAYS.filter((way) => Deno.args.includes(way));
for (const flavor of flavors.length > 0 ? flavors : available) {
  for (const way of asked.length > 0 ? asked : WAYS) {
    if ((ONLY[way] ?? flavor) === flavor) tallies.push(...await bench(flavor, way, count));
  }
}
// deno-lint-ignore no-console
console.table(tallies);
// deno-lint-ignore no-console
console.log(JSON.stringify(tallies));
Deno.exit(0);
