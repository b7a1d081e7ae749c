/** The tables in the pages that are made from the program's own tables. */

import { COMMANDS } from "../../src/cli/commands.ts";
import { OPTIONS } from "../../src/cli/option.ts";
import { keyTables } from "../../src/cli/commands/help/topic_config.ts";
import { EVENTS, REPORTED_OUTCOMES } from "../../src/events/mod.ts";
import { API_ROUTES } from "../../src/http/api/routes.ts";
import { OPENAPI_PATH } from "../../src/http/api/openapi.ts";
import { DATABASE_METRICS } from "../../src/http/metrics/database_metrics.ts";
import type { MetricRow } from "../../src/http/metrics/metric.ts";
import { PROGRAM_METRICS } from "../../src/http/metrics/program_metrics.ts";
import { AGENT_METRICS } from "../../src/http/proxysql/mod.ts";
import { FORMS, type NameRow, TYPE_WORDS } from "../../src/language/mod.ts";
import { EFFECTS, SESSION_VARIABLES, VOCABULARY } from "../../src/mysql/mod.ts";
import { DUMP_COLUMNS } from "../../src/proxysql/mod.ts";
import { ACTIONS, REASONS } from "../../src/policy/mod.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { SHARD_ACTIONS } from "../../src/config/mod.ts";
import { GROUP_REASONS } from "../../src/shards/policy/mod.ts";

/** More values than these are listed by themselves, as `help names` does. */
const FEW = 4;

/** Every name; a family stands for as many as users make. */
const NAMES: readonly NameRow[] = [
  ...VOCABULARY.rows,
  ...VOCABULARY.families.map((family) => ({ ...family, name: `${family.name}.KEY` })),
];

/** Each table's Markdown, by the name that its markers have. */
export const TABLES: Readonly<Record<string, string>> = {
  "commands": table(
    ["command", "what it does"],
    COMMANDS.map(({ name, summary, details, arguments: args = "" }) => [
      code(`${name} ${args}`.trim()),
      `${sentence(summary)} ${details.replaceAll(/\n(?=\w+:)/g, "<br>").replaceAll("\n", " ")}`,
    ]),
  ),
  "options": table(
    ["option", "of", "meaning"],
    Object.values(OPTIONS).map((option: Option) => [
      [...option.short === undefined ? [] : [`-${option.short}`], `--${option.name}`]
        .map((form) => code(`${form} ${option.value ?? ""}`.trim())).join(", "),
      commandsWith(option),
      `${option.choices === undefined ? "" : `${option.choices.map(code).join(", ")}; `}${option.help}`,
    ]),
  ),
  ...Object.fromEntries(
    keyTables().map(({ name, rows }) => [
      `${name}-keys`,
      table(["key", "meaning"], rows.map(([key, meaning]) => [code(key), meaning])),
    ]),
  ),
  "actions": table(
    ["action", "meaning", "budget's share of", "escalates to"],
    Object.entries(ACTIONS).map(([name, { meaning, share_of: share, escalates_to: next }]) => [
      code(name),
      meaning,
      share === null ? "-" : share === "running" ? "running sessions" : "connections",
      next === null ? "-" : code(next),
    ]),
  ),
  "api": table(
    ["request", "answers", "parameters"],
    [
      ...API_ROUTES.map(({ method, path, summary, query = [], body }) => [
        code(`${method.toUpperCase()} ${path}`),
        summary,
        body === undefined
          ? query.map(({ name, help }) => `${code(name)}: ${help}`).join("<br>") || "-"
          : "[below](#pause-and-resume)",
      ]),
      [code(`GET ${OPENAPI_PATH}`), "The OpenAPI document of all this", "-"],
    ],
  ),
  "database-metrics": metricTable(DATABASE_METRICS),
  "program-metrics": metricTable(PROGRAM_METRICS),
  "proxysql-metrics": metricTable(AGENT_METRICS),
  "conditions": table(["form", "meaning"], FORMS.map(({ form, meaning }) => [code(form), meaning])),
  "database-names": nameTable(({ scope, costly }) => scope === "database" && costly !== true),
  "shard-names": table(
    ["name", "type", "meaning"],
    SHARD_VOCABULARY.rows.filter(({ name }) => VOCABULARY.row(name) === undefined).map((
      { name, type, meaning },
    ) => [code(name), TYPE_WORDS[type].replace(/^an? /, ""), meaning]),
  ),
  "shard-actions": table(
    ["`then`", "meaning", "of `budget.shards`"],
    Object.entries(SHARD_ACTIONS).map(([name, { meaning, adds, of_shard: isOfShard }]) => [
      code(name),
      isOfShard ? `${meaning}; with ${code("each: shard")} only` : meaning,
      String(adds),
    ]),
  ),
  "group-reasons": table(
    ["reason", "meaning"],
    Object.entries(GROUP_REASONS).map(([name, meaning]) => [code(name), meaning]),
  ),
  "session-names": nameTable(({ scope, costly }) => scope === "session" && costly !== true),
  "costly-names": nameTable(({ costly }) => costly === true),
  "values": NAMES.filter(hasManyValues)
    .map(({ name, values }) =>
      `Values of ${code(name)}: ${values.map((value) => code(`'${value}'`)).join(", ")}.`
    )
    .join("\n\n"),
  "events": table(
    ["event", "level, the usual one first", "says"],
    Object.entries(EVENTS).map(([name, { levels, meaning }]) => [code(name), levels.join(", "), meaning]),
  ),
  "outcomes": table(
    ["outcome", "level", "meaning"],
    Object.entries(REPORTED_OUTCOMES).map(([name, { level, meaning }]) => [code(name), level, meaning]),
  ),
  "reasons": table(
    ["reason", "is the next policy asked?", "meaning"],
    Object.entries(REASONS).map((
      [name, { claims, meaning }],
    ) => [code(name), claims ? "no" : "yes", meaning]),
  ),
  "dump-columns": table(
    ["column", "type", "meaning"],
    Object.entries(DUMP_COLUMNS).map(([name, { type, meaning }]) => [code(name), type, meaning]),
  ),
  "session-variables": table(
    ["what it could change", "session variables"],
    Object.entries(EFFECTS).map(([effect, meaning]) => [
      meaning,
      SESSION_VARIABLES.filter((variable) => variable.effect === effect).map(settingText).join(", "),
    ]),
  ),
};

/** Metrics with their labels, and when they have a series. */
function metricTable(metrics: readonly MetricRow[]): string {
  return table(
    ["name", "type", "meaning", "series"],
    metrics.map(({ name, type, help, label, when }) => [
      code(name),
      type,
      `${help}${label === undefined ? "" : ` Label ${code(label.name)}: ${label.meaning}.`}`,
      when ?? "always",
    ]),
  );
}

/** A page with its tables as they are now. Throws where a marker names no table. */
export function withTables(text: string): string {
  return text.replaceAll(MARKED, (_, name: string) => {
    const table = TABLES[name];
    if (table === undefined) throw new Error(`There is no table for the marker ${name}`);
    return `<!-- ${name}: generated by deno task docs -->\n${table}\n<!-- end of ${name} -->`;
  });
}

/** What stands between the markers of a table, the markers included. */
export const MARKED = /<!-- ([\w-]+): generated by deno task docs -->\n.*?<!-- end of \1 -->/gs;

interface Option {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function nameTable(belongs: (entry: NameRow) => boolean): string {
  return table(
    ["name", "type", "meaning"],
    NAMES.filter(belongs).map((row) => [
      code(row.name),
      TYPE_WORDS[row.type].replace(/^an? /, ""),
      row.values === undefined || hasManyValues(row)
        ? row.meaning
        : `${row.meaning}: ${row.values.map((value) => code(`'${value}'`)).join(" or ")}`,
    ]),
  );
}

function hasManyValues(
  row: NameRow,
): row is NameRow & { readonly values: readonly string[] } {
  return row.values !== undefined && row.values.length > FEW;
}

function commandsWith(option: Option): string {
  const names = COMMANDS.filter(({ options }) => options.includes(option)).map((
    { name },
  ) => name);
  if (names.length > 0) return names.map(code).join(", ");
  return option === OPTIONS.help ? "all" : "no command";
}

function settingText({ name, value }: typeof SESSION_VARIABLES[number]): string {
  if (value === undefined) return code(name);
  return code(`${name} = ${typeof value === "string" && value !== "DEFAULT" ? `'${value}'` : value}`);
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}
