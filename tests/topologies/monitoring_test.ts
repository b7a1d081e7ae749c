// What config/deploy/ has for Prometheus, Alertmanager and Grafana, by Debian's promtool, amtool and prometheus.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { waitFor } from "../lab/mod.ts";
import { page, sample } from "../pages.ts";
import { exposition, METRIC_NAMES, namesIn, type Role } from "./exposition.ts";
import { ALERTS, asSent, DASHBOARD, RULES } from "./monitoring_files.ts";
import { DEPLOY, type Ended, Prometheus, runTool } from "./prometheus_stage.ts";

/** Runs the tests of the rules with other rules in their place. */
async function testRules(rules: string): Promise<Ended> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-rules-" });
  try {
    await Deno.writeTextFile(join(folder, "query-sniper.rules.yaml"), rules);
    const test = "query-sniper.rules.test.yaml";
    await Deno.copyFile(`${DEPLOY}prometheus/${test}`, join(folder, test));
    return await runTool(["promtool", "test", "rules", test], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("promtool takes the rules, and each alert fires when its test says so, and not before", async () => {
  const lines = sample("monitoring-promtool").trim().split("\n");
  const ended = await Promise.all(lines.map((line) => runTool(line.split(" "), `${DEPLOY}prometheus`)));
  assertEquals(ended.map(({ code }) => code), [0, 0], ended[1]!.output);
  assertMatch(ended[0]!.output, new RegExp(`SUCCESS: ${ALERTS.length} rules found`));
});

Deno.test("no alert can fire always or never without a test that notices", async () => {
  for (const expr of ["vector(1)", "vector(1) < 0"]) {
    const rules = ALERTS.map((rule) => ({ ...rule, expr }));
    const { code, output } = await testRules(JSON.stringify({ groups: [{ name: "changed", rules }] }));
    assertEquals(code, 1);
    const noticed = new Set([...output.matchAll(/alertname: ?(\w+)/g)].map(([, name]) => name!));
    assertEquals(ALERTS.filter(({ alert }) => !noticed.has(alert)).map(({ alert }) => alert), [], expr);
  }
});

Deno.test("each alert has its lines in docs/monitoring.md, and no line is of another", () => {
  const headings = [...page("docs/monitoring.md").matchAll(/^### (QuerySniper\w+)$/gm)].map(([, name]) =>
    name!
  );
  assertEquals(headings, ALERTS.map(({ alert }) => alert));
  for (const { alert, labels, annotations } of ALERTS) {
    assertEquals(annotations.runbook, `docs/monitoring.md#${alert.toLowerCase()}`);
    assert(["warning", "critical"].includes(labels.severity), alert);
    assert(annotations.summary!.length < 100 && annotations.description!.length < 160, alert);
  }
});

Deno.test("Prometheus and Alertmanager take their configuration, and the worst alerts go to the pager", async () => {
  const config = ["promtool", "check", "config", "--syntax-only", "prometheus/prometheus.yaml"];
  assertEquals((await runTool(config)).code, 0);
  const file = "alertmanager/alertmanager.yaml";
  const checked = await runTool(["amtool", "check-config", file]);
  assertEquals(checked.code, 0, checked.output);
  const routed = async (labels: readonly string[]) =>
    (await runTool(["amtool", "config", "routes", "test", `--config.file=${file}`, ...labels])).output
      .split("\n").filter((line) => line !== "" && !line.startsWith("Warning:"));
  for (const { alert, labels: { severity } } of ALERTS) {
    const receiver = severity === "critical" ? "dba-pager" : "dba";
    assertEquals(await routed([`alertname=${alert}`, `severity=${severity}`]), [receiver], alert);
  }
  assertEquals(await routed(["alertname=QuerySniperPolicy", "severity=warning"]), ["dba"]);
  assertEquals(await routed(["alertname=HostDown", "severity=critical"]), ["default"]);
});

Deno.test("the panels are told apart, lie side by side, and say what they show", () => {
  const { panels } = DASHBOARD;
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { type, title, description, gridPos: { x, y, w, h } } of panels) {
    assert(title !== "" && (type === "row" || description !== undefined), title);
    assert(x + w <= 24, title);
    for (let column = x; column < x + w; column += 1) {
      for (let line = y; line < y + h; line += 1) {
        const place = `${column} ${line}`;
        assert(!taken.has(place), `${title} lies on another panel`);
        taken.add(place);
      }
    }
  }
});

Deno.test("the dashboard shows every metric there is, and it and the rules name no other", () => {
  const { panels, templating } = DASHBOARD;
  const shown = namesIn(JSON.stringify([panels, templating]));
  assertEquals(shown, METRIC_NAMES);
  assertEquals(namesIn(RULES).filter((name) => !METRIC_NAMES.includes(name)), []);
});

Deno.test("every panel, variable and rule gets an answer from a Prometheus that scrapes two programs", async () => {
  const began = performance.now();
  const serve = (role: Role) =>
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
      const text = exposition(role, (performance.now() - began) / 1000);
      return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4" } });
    });
  await using holder = serve("holder");
  await using standby = serve("standby");
  const targets = [holder, standby].map(({ addr }) => `"127.0.0.1:${addr.port}"`).join(", ");
  await using prometheus = await Prometheus.start(
    `[{ job_name: query-sniper, static_configs: [{ targets: [${targets}] }] }]`,
  );
  await waitFor(
    "three scrapes of both",
    async () => (await prometheus.query("count_over_time(query_sniper_up[1m]) >= 3")).length === 6,
  );
  assertEquals(await prometheus.scrapeErrors(), ["", ""]);

  const empty: string[] = [];
  for (const { title, targets = [] } of DASHBOARD.panels) {
    for (const { expr } of targets) {
      assert(!asSent(expr).includes("$"), expr);
      if ((await prometheus.query(asSent(expr))).length === 0) empty.push(`${title}: ${expr}`);
    }
  }
  assertEquals(empty, []);
  for (const { name, definition } of DASHBOARD.templating.list) {
    if (definition === undefined) continue;
    const [, series] = /^label_values\((.*), \w+\)$/.exec(definition)!;
    assert((await prometheus.query(asSent(series!))).length > 0, name);
  }
  // The pair is one: a lease that one of them holds is held, and a database that both see counts once.
  const value = async (title: string) => {
    const { targets } = DASHBOARD.panels.find((panel) => panel.title === title)!;
    return (await prometheus.query(asSent(targets![0]!.expr))).map(({ value }) => value[1]);
  };
  assertEquals([await value("Watched"), await value("Unreachable"), await value("Hurt")], [["2"], ["1"], [
    "1",
  ]]);
  assertEquals(await value("Lease"), ["1"]);
  for (const { alert, expr } of ALERTS) {
    const fires = (await prometheus.query(expr)).length > 0;
    const expected = [
      ...["DatabaseUnreachable", "LooksLate", "KillsSurviving", "KillsDenied", "GateOpen"],
    ].map((name) => `QuerySniper${name}`);
    assertEquals(fires, expected.includes(alert), alert);
  }
});
