// What is asked of every session before it is ended, whatever the policies read: explain, a dry run and a run that kills
// come to the same.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ACCOUNTS, Client, type LabPair, requireFlavors } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { errorOf, start, writeConfig } from "../integration/fixture.ts";
import {
  assertEnded,
  assertSparedFor,
  idlePolicy,
  keepersWith,
  keeperWith,
  NEVER,
  rest,
  type Setting,
  SETTINGS,
  startWith,
  TABLES,
  verdictsOn,
} from "./guards_stage.ts";

type Step = readonly [name: string, run: (pair: LabPair, setting: Setting) => Promise<void>];

const XA = {
  "has written": "UPDATE item SET stock = 1 WHERE id = 97",
  "has only read": "SELECT * FROM item WHERE id = 97",
} as const;

function xaSteps({ flavor, serverArguments }: Setting): readonly Step[] {
  const isWhole = flavor === "mariadb" || serverArguments.length === 0;
  // MySQL takes it from its session unless told.
  const keep = flavor === "mysql" ? ["SET xa_detach_on_prepare = OFF"] : [];
  const prepare = (statement: string) => [...keep, "XA START 'k'", statement, "XA END 'k'", "XA PREPARE 'k'"];
  return [
    ...Object.entries(XA).filter(([what]) => isWhole || what === "has written").map((
      [what, statement],
    ): Step => [
      `an idle session whose prepared XA transaction ${what} is spared by all`,
      async ({ primary }) => {
        await using client = await keeperWith(primary, prepare(statement));
        await using other = await keeperWith(primary, ["DO 0"]);
        await rest();
        assertEquals(await verdictsOn(primary, idlePolicy(), [client]), [NEVER]);
        await client.query("XA ROLLBACK 'k'");
        assertEquals(await errorOf(other.query("DO 0")), -1, "the policy ends whoever is idle");
      },
    ]),
    [
      "a prepared XA transaction is spared, whoever waits for it, and while its session runs something",
      async ({ primary }) => {
        await using client = await keeperWith(primary, prepare(XA["has written"]));
        await using app = await Client.connect(primary, ACCOUNTS.app, { database: "test" });
        const waiter = start(app, "UPDATE item SET stock = 2 WHERE id = 97");
        await rest();
        if (isWhole) {
          const rules = idlePolicy("blocking > 0 and not waiting");
          assertEquals(await verdictsOn(primary, rules, [client]), [NEVER]);
        }
        const sleep = start(client, "DO SLEEP(60)");
        await rest();
        const rules = idlePolicy("running and time > 500ms and verb = 'do'");
        assertEquals(await verdictsOn(primary, rules, [client]), [NEVER]);
        await using root = await Client.connect(primary);
        await root.query(`KILL QUERY ${client.id}`);
        await sleep.error;
        await client.query("XA ROLLBACK 'k'");
        assertEquals(await waiter.error, 0);
      },
    ],
  ];
}

/** What a connection holds: its names in the policy language, and the statements that make it so. */
type Kept = readonly [names: readonly string[], ...statements: readonly string[]];

/** What connections can hold at the same time, and what only one of them can. */
function keptOn({ flavor, plugin }: Setting): Readonly<Record<string, readonly Kept[]>> {
  const [read, write, flushed, exported, opened, backed] = TABLES;
  const stages: Readonly<Record<string, readonly Kept[]>> = {
    "BACKUP STAGE START": [[["holds_backup_lock"], "BACKUP STAGE START"]],
    "BACKUP STAGE BLOCK_COMMIT": [[["holds_backup_lock"], "BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT"]],
  };
  return {
    "LOCK TABLES, FLUSH TABLES …, GET_LOCK, HANDLER": [
      [["holds_table_lock"], `LOCK TABLES ${read} READ`],
      [["holds_table_lock"], `LOCK TABLES ${write} WRITE`],
      [["holds_table_lock"], `FLUSH TABLES ${flushed} WITH READ LOCK`],
      [["holds_table_lock"], `FLUSH TABLES ${exported} FOR EXPORT`],
      [["holds_user_lock"], "DO GET_LOCK('k', 0)"],
      [["holds_user_lock"], "BEGIN", "SELECT * FROM config", "DO GET_LOCK('l', 0)"],
      // The plugin shows the same for it as for LOCK TABLES … READ LOCAL.
      [plugin ? ["holds_handler", "holds_table_lock"] : ["holds_handler"], `HANDLER ${opened} OPEN`],
    ],
    ...flavor === "mysql"
      ? {
        "FLUSH TABLES WITH READ LOCK, LOCK INSTANCE": [
          [["holds_backup_lock"], "FLUSH TABLES WITH READ LOCK"],
          [["holds_backup_lock"], "LOCK INSTANCE FOR BACKUP"],
        ],
      }
      : {
        "FLUSH TABLES WITH READ LOCK, BACKUP LOCK": [
          [["holds_backup_lock"], "FLUSH TABLES WITH READ LOCK"],
          [["holds_backup_lock"], `BACKUP LOCK ${backed}`],
        ],
        ...stages,
      },
  };
}

const NAMES = ["holds_table_lock", "holds_backup_lock", "holds_user_lock", "holds_handler"];

/** A clause that is true of whoever holds just this. */
function justThis(names: readonly string[]): string {
  return NAMES.map((name) => names.includes(name) ? name : `not ${name}`).join(" and ");
}

function holdSteps(setting: Setting): readonly Step[] {
  const kept = Object.entries(keptOn(setting));
  const keepers = ({ primary }: LabPair, kept: readonly Kept[]) =>
    keepersWith(primary, kept.map(([, ...statements]) => ({ statements })));
  if (!setting.shows) {
    return [
      ...kept.map((
        [what, kept],
      ): Step => [`an idle connection with ${what} is ended, for nobody can know`, async (pair) => {
        await using held = await keepers(pair, kept);
        const { clients } = held;
        await assertEnded(pair.primary, clients, idlePolicy());
      }]),
      ["check says that nobody can know what idle connections hold, and what helps", checkSaysSo],
    ];
  }
  return [
    ...kept.map(([what, kept]): Step => [
      `an idle connection with ${what} is spared unless the policy names that`,
      async (pair) => {
        const { primary } = pair;
        await using held = await keepers(pair, kept);
        const { clients } = held;
        await assertSparedFor(primary, clients, { reason: "holds", rules: idlePolicy() });
        for (const names of new Map(kept.map(([names]) => [names.join(), names])).values()) {
          const these = clients.filter((_, index) => kept[index]![0].join() === names.join());
          await rest();
          const others = idlePolicy(
            `idle and ${
              NAMES.filter((name) => !names.includes(name)).map((name) => `not ${name}`).join(" and ")
            }`,
          );
          await assertSparedFor(primary, these, { reason: "holds", rules: others });
          await rest();
          await assertEnded(primary, these, idlePolicy(`idle and ${justThis(names)}`));
        }
      },
    ]),
    ["an idle connection that holds nothing is ended, in a transaction or not", async ({ primary }) => {
      const statements = [
        "BEGIN",
        "SELECT * FROM item WHERE id = 1",
        "UPDATE item SET stock = 1 WHERE id = 96",
      ];
      const kept = [0, 2, 3].map((count) => ({ statements: statements.slice(0, count) }));
      await using held = await keepersWith(primary, kept);
      await assertEnded(primary, held.clients, idlePolicy());
    }],
    [
      "who keeps others waiting by what it holds is ended by a policy that names blocking",
      async ({ primary }) => {
        await using client = await keeperWith(primary, ["LOCK TABLES item WRITE"]);
        await using app = await Client.connect(primary, ACCOUNTS.app, { database: "test" });
        await rest();
        const rules = idlePolicy("idle and blocking = 0");
        await assertSparedFor(primary, [client], { reason: "holds", rules });
        const waiter = start(app, "UPDATE item SET stock = 2 WHERE id = 95");
        await rest();
        await assertEnded(primary, [client], idlePolicy("blocking > 0 and not waiting"));
        assertEquals(await waiter.error, 0);
      },
    ],
  ];
}

async function checkSaysSo({ primary, flavor }: LabPair): Promise<void> {
  await using written = await writeConfig({ rules: idlePolicy(), databases: [primary] });
  const { stdout, code } = await runProgram(["check", "-c", written.file]);
  const line = stdout.split("\n").find((line) => line.includes("what idle connections hold"));
  assert(line !== undefined, stdout);
  assertStringIncludes(
    line,
    flavor === "mysql" ? "performance_schema" : "INSTALL SONAME 'metadata_lock_info'",
  );
  assertEquals([code, stdout.includes("1 can work")], [0, true], stdout);
}

const DUMPS = ["mydumper", "mysqldump", "mariadb-dump", "xtrabackup", "mysqlsh"];

const DUMP_STEPS: readonly Step[] = [
  ["idle connections of a dump are spared unless the policy asks for their program", async ({ primary }) => {
    const snapshot = ["START TRANSACTION WITH CONSISTENT SNAPSHOT", "SELECT * FROM config"];
    await using held = await keepersWith(
      primary,
      DUMPS.map((program) => ({ statements: snapshot, program })),
    );
    const { clients } = held;
    await assertSparedFor(primary, clients, { reason: "needs-verb", rules: idlePolicy() });
    await rest();
    const others = idlePolicy("idle and (program = 'batch' or not program = 'batch' or program like 'x-%')");
    await assertSparedFor(primary, clients, { reason: "needs-verb", rules: others });
    await rest();
    await assertEnded(primary, clients, idlePolicy("idle and program matches '^m(y|ariadb-dump)|^xtra'"));
  }],
  ["what a dump holds is spared, whoever waits for it", async ({ primary }) => {
    await using client = await keeperWith(primary, ["FLUSH TABLES WITH READ LOCK"], "mydumper");
    await using app = await Client.connect(primary, ACCOUNTS.app, { database: "test" });
    const waiter = start(app, "UPDATE item SET stock = 2 WHERE id = 94");
    await rest();
    const rules = idlePolicy("blocking > 0 and not waiting");
    await assertSparedFor(primary, [client], { reason: "needs-verb", rules });
    await client.query("UNLOCK TABLES");
    assertEquals(await waiter.error, 0);
  }],
];

/** Where what the server says of transactions is not to be believed. */
const UNREADABLE: Step = [
  "while nobody can tell whose transaction is prepared, nobody is ended",
  async ({ primary }) => {
    const prepare = ["XA START 'k'", XA["has written"], "XA END 'k'", "XA PREPARE 'k'"];
    await using client = await keeperWith(primary, prepare);
    await using other = await keeperWith(primary, ["DO 0"]);
    await using liar = await keeperWith(primary, ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 93"]);
    const lie =
      `---TRANSACTION 7, ACTIVE 1 sec\nMariaDB thread id ${client.id}, OS thread handle 1, query id 1 x\n`;
    const running = start(liar, `SELECT SLEEP(60) /* \n${lie} */`);
    await rest();
    await assertSparedFor(primary, [other], { reason: "unknown", rules: idlePolicy() });
    await using root = await Client.connect(primary);
    await root.query(`KILL QUERY ${liar.id}`);
    await running.error;
    await rest();
    await assertEnded(primary, [other], idlePolicy());
    await client.query("XA ROLLBACK 'k'");
  },
];

const flavors = await requireFlavors();
for (const setting of SETTINGS.filter(({ flavor }) => flavors.includes(flavor))) {
  Deno.test(`What nobody is ended for on ${setting.name}`, async (t) => {
    await using pair = await startWith(setting);
    const steps = [
      ...xaSteps(setting),
      ...holdSteps(setting),
      ...setting.programs ? DUMP_STEPS : [],
      ...setting.flavor === "mariadb" ? [UNREADABLE] : [],
    ];
    for (const [name, run] of steps) await t.step(name, () => run(pair, setting));
  });
}
