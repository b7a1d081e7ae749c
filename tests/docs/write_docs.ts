/** `deno task docs`: writes the generated tables into the pages. */

import { PAGES } from "../pages.ts";
import { ROOT } from "../program.ts";
import { withTables } from "./tables.ts";

for (const { path, text } of PAGES) {
  const written = withTables(text);
  if (written !== text) await Deno.writeTextFile(`${ROOT}${path}`, written);
}
