import { assertEquals } from "@std/assert";
import type { CheckedDatabase } from "../../src/cli/commands/check/check_report.ts";
import { checkText } from "../../src/cli/commands/check/check_text.ts";
import type { LookExplanation } from "../../src/cli/commands/explain/explanation.ts";
import { explanationText } from "../../src/cli/commands/explain/explanation_text.ts";
import { textOf } from "../../src/cli/terminal.ts";
import { sample } from "../pages.ts";

const PRIMARY: CheckedDatabase = {
  database: "orders-primary",
  ok: false,
  flavor: "mariadb",
  version: "10.11.19-MariaDB-log",
  mode: "enforce",
  encrypted: false,
  role: "writable",
  sources: [],
  methods: { digest: "v2", kill: "by query id" },
  proof: { ms: 1 },
  out_of_reach: [],
  clock_ahead_ms: 3,
  needs: {},
  policies: [
    { policy: "impacted", ok: true, problems: [], to_arm: [] },
    {
      policy: "lock-pile-up",
      ok: false,
      problems: [
        "cannot see who blocks whom, missing the plugin metadata_lock_info: INSTALL SONAME 'metadata_lock_info'",
      ],
      to_arm: [],
    },
  ],
};

const KILL = "cannot kill the statements of others, missing CONNECTION_ADMIN: " +
  "GRANT CONNECTION_ADMIN ON *.* TO 'sniper'@'10.%'";

const REPLICA: CheckedDatabase = {
  ...PRIMARY,
  database: "orders-replica",
  ok: true,
  flavor: "mysql",
  version: "9.7.4-2",
  mode: "dry-run",
  encrypted: true,
  tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" },
  role: "replica",
  sources: ["10.0.0.1:3306"],
  methods: { lag: "commit timestamps", digest: "v2, and the server's", kill: "by statement event" },
  proof: { ms: 0.8 },
  policies: ["impacted", "lock-pile-up"].map((policy) => ({
    policy,
    ok: true,
    problems: [],
    to_arm: [KILL],
  })),
};

Deno.test("docs/safety.md shows what check prints", () => {
  assertEquals(textOf(checkText([PRIMARY, REPLICA])), sample("check-output"));
});

Deno.test("check tells of a clock that is off, a kill that failed, and who cannot be reached", () => {
  const odd = {
    ...REPLICA,
    out_of_reach: [],
    clock_ahead_ms: -2500,
    proof: { failed: "its statement ran on" },
    policies: [],
  };
  const [, row, unreachable, , ...findings] = checkText([
    odd,
    { database: "gone", ok: false, unreachable: "nothing listens there" },
  ]);
  assertEquals(row!.includes("  failed  0 can work"), true);
  assertEquals(unreachable, "gone            unreachable");
  assertEquals(findings, [
    "orders-replica: its clock is 2.5 s behind the one of this host",
    "orders-replica: a session of its own could not be killed: its statement ran on",
    "orders-replica: no policy is in force there",
    "gone: nothing listens there",
  ]);
});

const LAG = { expression: "lag > limits.lag", left: "42s", right: "30s", by: "commit timestamps" };

const EXPLANATION: LookExplanation = {
  at: "2026-11-20T10:00:00.123Z",
  database: "orders-replica",
  flavor: "mysql",
  version: "9.7.4",
  mode: "dry-run",
  policies: [
    {
      policy: "impacted",
      mode: "dry-run",
      action: "kill query",
      state: "open",
      ready: false,
      for_ms: 5000,
      because: [LAG],
    },
    {
      policy: "lock-pile-up",
      mode: "dry-run",
      action: "kill connection",
      state: "closed",
      ready: false,
      because: [{ expression: "metadata_lock_waits > 5", left: "0", right: "5" }],
    },
  ],
  sessions: [
    {
      session: {
        id: 812,
        user: "app",
        host: "10.0.0.5",
        db: "orders",
        command: "Query",
        time_ms: 12_873,
      },
      statement: {
        digest: "v2:9f86d081884c7d65",
        digest_text: "SELECT * FROM `t` WHERE `id` = ?",
        verb: "select",
        tables: ["t"],
        tags: {},
      },
      verdicts: [
        {
          policy: "impacted",
          selects: true,
          decision: "kill",
          because: [
            LAG,
            { expression: "running", left: "true" },
            { expression: "verb = 'select'", left: "'select'", right: "'select'" },
            { expression: "time > limits.query_time", left: "12.873s", right: "10s" },
          ],
        },
        {
          policy: "lock-pile-up",
          selects: false,
          because: [{ expression: "blocking > 0", left: "0", right: "0" }],
        },
      ],
    },
    ...Array.from({ length: 36 }, (_, index) => ({
      session: { id: index, user: "app", host: "10.0.0.5", db: "", command: "Sleep" },
      verdicts: [],
    })),
  ],
};

Deno.test("docs/safety.md shows what explain prints", () => {
  assertEquals(textOf(explanationText(EXPLANATION, { everySession: false })), sample("explain-output"));
});

Deno.test("explain has words for every verdict", () => {
  const verdict = (rest: object) => {
    const [first] = EXPLANATION.sessions;
    const { policy, because } = { policy: "impacted", because: [] };
    const explanation = {
      ...EXPLANATION,
      sessions: [{ ...first!, verdicts: [{ policy, because, selects: true, ...rest }] }],
    };
    return explanationText(explanation, { everySession: true }).at(-1)!.trim();
  };
  assertEquals(
    verdict({ decision: "skip", reason: "protected" }),
    "impacted: selected, and spared: protected",
  );
  assertEquals(verdict({ decision: "match" }), "impacted: matches");
  assertEquals(verdict({ selects: null }), "impacted: not selected, since nobody knows");
  assertEquals(verdict({}), "impacted: selected, but an earlier policy decides");
  assertEquals(verdict({ policy: "lock-pile-up" }), "lock-pile-up: selected, but its gate is closed");
});
