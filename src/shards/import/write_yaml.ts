import { formatQuantity } from "../../language/mod.ts";
import { type Original, type ThresholdName, THRESHOLDS } from "./original.ts";

/** What stands where the file says nothing. */
const TO_NAME = "shop";

/** The configuration that says the same, with remarks on what was not said. */
export function yamlOf(original: Original): string {
  const { shards, keys, schema, maxShards, interval, settle, routerPort, adminPort } = original;
  const first = shards[0]!.name;
  return [
    "# Converted by query-sniper shards import; see docs/shards.md.",
    ...original.user === undefined
      ? []
      : [`# Their account was ${text(original.user)}: it belongs into credentials.yaml.`],
    "databases:",
    ...shards.map(({ name, host, port }) =>
      `  - { name: ${text(name)}, host: ${text(host)}, port: ${port} }`
    ),
    "sharding:",
    "  mode: dry-run                # enforce: it changes the group",
    `  metadata: ${text(first).padEnd(19)}# the database that keeps the map`,
    schema === undefined
      ? `  schema: ${TO_NAME}                # the file did not say: name the right one`
      : `  schema: ${schema}`,
    "  tables:                      # name tables that are divided alike with one another: { key: …, with: TABLE }",
    ...[...keys].map(([table, key]) => `    ${table}: { key: ${key} }`),
    `  shards: [${shards.map(({ name }) => text(name)).join(", ")}]`,
    "  pool: []                     # standby servers, by their names among databases",
    ...routerPort === undefined ? [] : [`  router: { listen: "127.0.0.1:${routerPort}" }`],
    ...adminPort === undefined ? [] : [`  admin: { listen: "127.0.0.1:${adminPort}" }`],
    ...interval === undefined ? [] : [`  metrics: { interval: ${duration(interval)} }`],
    ...maxShards === undefined ? [] : [`  max_shards: ${maxShards}`],
    ...policyOf(original, settle),
  ].join("\n") + "\n";
}

function policyOf({ thresholds }: Original, settle: number | undefined): readonly string[] {
  if (thresholds.size === 0) return [];
  const clauses = [...thresholds].map(([name, value]) => `${name} > ${limit(name, value)}`);
  return [
    "  policies:",
    "    - name: hot",
    "      each: shard",
    `      when: ${clauses.join(" or ")}`,
    "      for: 1m",
    "      then: split",
    `      settle: ${duration(settle ?? 30 * 60_000)}`,
  ];
}

function limit(name: ThresholdName, value: number): string {
  return `${value}${THRESHOLDS[name].unit}`;
}

function duration(milliseconds: number): string {
  return formatQuantity({ type: "duration", value: milliseconds });
}

function text(value: string): string {
  return /^[A-Za-z0-9_][\w.-]*$/.test(value) &&
      !/^(?:\d+(?:\.\d+)?|true|false|null|yes|no|on|off|~)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
