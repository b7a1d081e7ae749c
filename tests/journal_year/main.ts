// deno run --allow-all tests/journal_year/main.ts FILE: makes the journal of a year of a busy fleet, for the benchmarks.

import { generateJournal, YEAR } from "./generate.ts";

const [file] = Deno.args;
if (file === undefined) {
  await Deno.stderr.write(
    new TextEncoder().encode("Name the file to make: deno run --allow-all tests/journal_year/main.ts FILE\n"),
  );
  Deno.exit(2);
}
generateJournal(file, YEAR);
