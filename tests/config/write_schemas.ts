/** `deno task schema`: writes the JSON Schemas for editors into config/. */

import { PUBLISHED } from "./published.ts";
import { ROOT } from "../program.ts";

/** A schema as it stands in its file. */
export function schemaText(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.main) {
  for (const [name, schema] of Object.entries(PUBLISHED)) {
    await Deno.writeTextFile(`${ROOT}config/${name}`, schemaText(schema));
  }
}
