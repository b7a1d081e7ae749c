import { DRAFT, type JsonSchema } from "../../src/yaml/json_schema.ts";
import { configFile, credentialsFile, includedFile } from "../../src/config/schema.ts";
import { trialFile } from "../../src/testing/trial_schema.ts";

/** The JSON Schemas for editors, by the names of their files, which stand in `config/`. */
export const PUBLISHED: Readonly<Record<string, JsonSchema>> = {
  "query-sniper.schema.json": published("Query Sniper: the configuration", configFile.schema),
  "databases.schema.json": published(
    "Query Sniper: a file that the configuration includes",
    includedFile.schema,
  ),
  "tests.schema.json": published("Query Sniper: tests of policies", trialFile.schema),
  "credentials.schema.json": published("Query Sniper: the credentials", credentialsFile.schema),
};

function published(title: string, schema: JsonSchema): JsonSchema {
  return {
    $schema: DRAFT,
    $comment: "Made from src/config/schema.ts by: deno task schema",
    title,
    ...schema,
  };
}
