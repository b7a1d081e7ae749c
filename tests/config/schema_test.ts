// The schemas for editors: published as they are made, and of one mind with what reads the files.

import { assert, assertEquals } from "@std/assert";
import { parse } from "yaml";
import type { JsonSchema } from "../../src/yaml/json_schema.ts";
import { PUBLISHED } from "./published.ts";
import { ROOT } from "../program.ts";
import { sample } from "../pages.ts";
import { schemaProblems } from "./json_schema.ts";
import { PROBLEMS } from "../yaml/problem.ts";
import { schemaText } from "./write_schemas.ts";

const CONFIG = PUBLISHED["query-sniper.schema.json"]!;
const CREDENTIALS = PUBLISHED["credentials.schema.json"]!;
const FIXTURES = `${ROOT}tests/fixtures/config`;

Deno.test("the schemas in config/ are those that src/config/schema.ts makes", async () => {
  for (const [name, schema] of Object.entries(PUBLISHED)) {
    const text = await Deno.readTextFile(`${ROOT}config/${name}`).catch(() => "");
    assert(text === schemaText(schema), `config/${name} is not up to date, run: deno task schema`);
  }
});

Deno.test("every key has a sentence for editors", () => {
  const silent: string[] = [];
  for (const schema of Object.values(PUBLISHED)) {
    visitKeys(schema, (name, { description = "" }) => {
      if (!/^\S.*[.]$/.test(description)) silent.push(name);
    });
  }
  assertEquals(silent, []);
});

Deno.test("the examples follow their schemas, which they name in their first lines", async () => {
  const policies = await Array.fromAsync(Deno.readDir(`${ROOT}config/policies`), ({ name }) => name);
  const tests = await Array.fromAsync(Deno.readDir(`${ROOT}config/tests`), ({ name }) => name);
  const files: readonly (readonly [file: string, schema: string])[] = [
    ["query-sniper.yaml", "query-sniper.schema.json"],
    ["credentials.yaml", "credentials.schema.json"],
    ["databases.d/shop.yaml", "../databases.schema.json"],
    ...policies.map((name) => [`policies/${name}`, "../query-sniper.schema.json"] as const),
    ...tests.map((name) => [`tests/${name}`, "../tests.schema.json"] as const),
  ];
  for (const [file, schema] of files) {
    const text = await Deno.readTextFile(`${ROOT}config/${file}`);
    assertEquals(text.split("\n")[0], `# yaml-language-server: $schema=${schema}`, file);
    assertEquals(schemaProblems(PUBLISHED[schema.replace("../", "")]!, parse(text)), [], file);
  }
  assertEquals(schemaProblems(CONFIG, parse(sample("first-policy"))), []);
  assertEquals(schemaProblems(CONFIG, parse(sample("configuration"))), []);
  assertEquals(schemaProblems(CREDENTIALS, parse(sample("credentials"))), []);
  assertEquals(schemaProblems(PUBLISHED["tests.schema.json"]!, parse(sample("policy-tests"))), []);
});

/** What is wrong with these, no schema can say: how parts fit together, and what expressions mean. */
const BEYOND = [
  /_of_a_name$|^unknown_group$|^limit_of|^limit_defined|^limit_not|^override_(?:of_unknown|wrong)|^off_of/,
  /_and_socket$|^neither_|^ssl_(?:cert|ca)_|^verify_identity|^proxysql_(?:verify|without|purge_of)|^escalate_|^include_(?:missing|itself|of_a|without)/,
  /^unknown_name|^unclosed_(?:parenthesis|string)|^hash_|^bad_pattern|^when_names|_in_quotes$|^command_|^tag_/,
  /^exempt_(?:of|until|tag)|^alias_(?:of_an|twice)|^notify_(?:address_twice|two_channels)$|^listen_(?:name|beyond|two)/,
  /^notify_email_(?:password_of_nobody|user_without_password|password_in_url)$|^then_(?:of_two|notify_(?:stranger|twice))$/,
  /^hll_with|^time_without|^interval_too_short$|^during_(?:day_(?:in|unk)|from_|to_|no_length|zone_(?:unk|of_))/,
  /^sharding_(?:unknown_shard|of_endpoint|without_endpoint|endpoint_of_slots)$/,
  /^sharding_(?:unknown_shard|provision_of_both)$/,
];

Deno.test("the schema finds what is wrong with the fixtures, as far as a schema can", async () => {
  const unseen: string[] = [];
  const seen: string[] = [];
  for (const name of Object.keys(PROBLEMS)) {
    const isBeyond = BEYOND.some((pattern) => pattern.test(name));
    const problems = schemaProblems(CONFIG, valueOf(await Deno.readTextFile(`${FIXTURES}/${name}.yaml`)));
    if (isBeyond && problems.length > 0) seen.push(`${name}: ${problems[0]}`);
    if (!isBeyond && problems.length === 0) unseen.push(name);
  }
  assertEquals([unseen, seen], [[], []]);
});

Deno.test("the schema lets pass what YAML makes numbers and truth values of", () => {
  const database = { name: 123, host: "db1" };
  const values: readonly unknown[] = [
    { databases: [{ ...database, port: "3306" }, { ...database, policies: { reads: false, more: "off" } }] },
    { databases: [database], limits: { hll: 1000 }, lease: "off", include: ["a", "b*"] },
    { include: "databases.d/*.yaml" },
    { databases: [database], protect: [true], policies: [{ name: "x", where: true, then: "log" }] },
  ];
  for (const value of values) assertEquals(schemaProblems(CONFIG, value), [], JSON.stringify(value));
  assertEquals(schemaProblems(CREDENTIALS, { default: { user: 1, password: 123 } }), []);
});

/** A file as an editor sees it; undefined where it is no YAML. */
function valueOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function visitKeys(schema: JsonSchema, visit: (name: string, schema: JsonSchema) => void): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(name, property);
    visitKeys(property, visit);
  }
  const { items, additionalProperties, oneOf = [] } = schema;
  for (const inner of [items, additionalProperties || undefined, ...oneOf]) {
    if (inner !== undefined) visitKeys(inner, visit);
  }
}
