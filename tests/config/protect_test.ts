// A protection that protects nobody is an error; a policy that selects nobody is told.

import { assertEquals } from "@std/assert";
import { ConfigError, formatProblem, formatWarning } from "../../src/yaml/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { Folder, IF_PRESENT } from "./folder.ts";

const ONE = "databases: [{ name: a, host: h }]\n";

/** Errors, or warnings where there is none, each without its file. */
async function found(yaml: string): Promise<readonly string[]> {
  await using folder = await Folder.make({ "query-sniper.yaml": yaml });
  const file = folder.file("query-sniper.yaml");
  const bare = (line: string) => folder.relative(line).replace("query-sniper.yaml:", "");
  try {
    const { warnings } = await loadConfig(file, IF_PRESENT);
    return warnings.filter(({ path }) => path !== "").map((warning) => bare(formatWarning(warning)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => bare(formatProblem(problem)));
  }
}

const protect = (clause: string) => found(`protect:\n  - ${JSON.stringify(clause)}\n${ONE}`);
const where = (clause: string) =>
  found(`policies:\n  - { name: p, where: ${JSON.stringify(clause)}, then: log }\n${ONE}`);

Deno.test("a protection that can match nobody is an error, and says what was meant", async () => {
  const rows: readonly (readonly [clause: string, problem: string])[] = [
    [
      "host in ('10.0.0.0/8')",
      "host never has this value, it is an address without a network's mask: '10.0.0.0/8' (did you mean host like '10.%'?)",
    ],
    [
      "host = '10.0.0.5:3306'",
      "host never has this value, it has no port: '10.0.0.5:3306' (did you mean '10.0.0.5'?)",
    ],
    [
      "user like '^backup'",
      "user never has this value, these are signs of a regular expression, which \"matches\" takes: '^backup' (did you mean user matches '^backup'?)",
    ],
    [
      "user = 'backup@10.0.0.5'",
      "user never has this value, it is a name without a host: 'backup@10.0.0.5' (did you mean user = 'backup' and host = '10.0.0.5'?)",
    ],
    [
      "user = '${BACKUP_USER}'",
      "user never has this value, variables are not replaced here: '${BACKUP_USER}'",
    ],
    ["running and idle", 'this protects nobody, ever: "running and idle"'],
    ["false", 'this protects nobody, ever: "false"'],
    ["user = 'a' and user = 'b'", "this protects nobody, ever: \"user = 'a' and user = 'b'\""],
  ];
  for (const [clause, problem] of rows) {
    const [only, ...others] = await protect(clause);
    assertEquals(others, [], clause);
    assertEquals(only!.replace(/^\d+:\d+: protect\[0\]: /, ""), problem);
  }
  const digest = await protect("digest = 'SELECT 1'");
  assertEquals(digest[0]?.includes("protect[0]: digest never has this value, it is a hash such as v"), true);
});

Deno.test("every such text of a protection is told, at each level and place, also where nobody uses it", async () => {
  const yaml = `
protect:
  - user in ('a', 'b@c', 'd') or host = 'h:1'
groups:
  unused: { protect: ["user = '\${X}'"] }
databases:
  - { name: a, host: h, protect: ["not db = 'x.y'"] }
  - { name: b, host: h }
`;
  assertEquals(await found(yaml), [
    "3:19: protect[0]: user never has this value, it is a name without a host: 'b@c' (did you mean user = 'b' and host = 'c'?)",
    "3:41: protect[0]: host never has this value, it has no port: 'h:1' (did you mean 'h'?)",
    "5:31: groups.unused.protect[0]: user never has this value, variables are not replaced here: '${X}'",
    "7:45: databases[0].protect[0]: db never has this value, it is a schema, without a table: 'x.y' (did you mean 'x'?)",
  ]);
});

Deno.test("what is hardly meant in a protection is a warning, and what is meant is nothing", async () => {
  assertEquals(await protect("always"), ['2:5: protect[0]: warning: this protects everybody: "always"']);
  assertEquals(await protect("time > 1d or idle_time > 1d"), [
    '2:5: protect[0]: warning: this protects everybody: "time > 1d or idle_time > 1d"',
  ], "of each session one of them is unknown, and what is unknown is protected");
  assertEquals(await protect("user = ''"), [
    "2:13: protect[0]: warning: user hardly ever has this value, who has no name is never selected: ''",
  ]);
  for (
    const clause of [
      "user in ('backup', 'replicator')",
      "host like '10.%' or host = '::1'",
      "command = 'Binlog Dump'",
      "sql like '%keep-4711%'",
      "time > 1d and running",
      "not user matches '^app'",
    ]
  ) assertEquals(await protect(clause), [], clause);
});

Deno.test("a policy whose text is never there is warned of, by run and once as well", async () => {
  assertEquals(await where("running and host = '10.0.0.0/8'"), [
    "2:43: policies[0].where: warning: host never has this value, it is an address without a network's mask: '10.0.0.0/8' (did you mean host like '10.%'?)",
  ]);
  assertEquals(await where("command = 'Connect'"), [
    "2:34: policies[0].where: warning: command never has this value, no policy selects a session with this command: 'Connect'",
  ]);
  assertEquals(await where("command != 'Connect' and state = 'Sending data'"), []);
});
