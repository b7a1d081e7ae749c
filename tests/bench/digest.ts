// How many statements a second are digested: by the function alone, by a process that reads a file, and by
// pt-fingerprint (percona-toolkit) on the same file, where it is installed. Prints one JSON object.
//
//   deno run --allow-all tests/bench/digest.ts [COUNT of statements] [COUNT for the processes]
//
// The statements are made from a fixed seed: point reads, joins, IN lists, inserts of many rows, updates, comments.

import { digest } from "../../src/digest/mod.ts";

/** What one way of digesting took. */
interface Measure {
  readonly statements: number;
  readonly seconds: number;
  readonly statements_per_second: number;
  readonly mib_per_second: number;
}

/** Numbers from 0 up to `limit`, the same at every run (the generator "mulberry32"). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

function statements(count: number): readonly string[] {
  const next = numbersFrom(42);
  const text = () => `'user${next(1e6)}@example.com'`;
  const list = (length: number, item: () => string) => Array.from({ length }, item).join(", ");
  const templates: readonly (() => string)[] = [
    () => `SELECT * FROM users WHERE id = ${next(1e9)}`,
    () => `SELECT id, name, email FROM users WHERE email = ${text()} LIMIT 1`,
    () =>
      `select o.id, sum(i.price * i.quantity) from orders o join items i on i.order_id = o.id ` +
      `where o.created_at >= '2024-01-${10 + next(19)}' and o.status in ('paid','sent') group by o.id`,
    () => `SELECT * FROM products WHERE id IN (${list(1 + next(50), () => `${next(1e6)}`)}) ORDER BY id`,
    () =>
      `INSERT INTO events (user_id, kind, payload) VALUES ${
        list(1 + next(20), () => `(${next(1e6)}, ${text()}, '{"a": ${next(100)}}')`)
      }`,
    () =>
      `UPDATE accounts SET balance = balance - ${next(1000)}.${next(100)}, updated_at = NOW() ` +
      `WHERE id = ${next(1e6)} AND balance > ${next(1000)}`,
    () => `DELETE FROM sessions WHERE expires_at < '2024-02-0${1 + next(9)} 00:00:00' LIMIT 1000`,
    () =>
      `/* app:web,action:show */ SELECT \`a\`.\`id\` FROM \`a\` LEFT JOIN \`b\` ON \`b\`.\`a_id\` = \`a\`.\`id\` ` +
      `WHERE (\`a\`.\`x\`, \`a\`.\`y\`) > (${next(100)}, ${text()}) /* trailing */`,
    () => `COMMIT`,
  ];
  return Array.from({ length: count }, () => templates[next(templates.length)]!());
}

/** The length in MiB is that of the text, all of which is ASCII. */
function measured(sqls: readonly string[], milliseconds: number): Measure {
  const seconds = milliseconds / 1000;
  const bytes = sqls.reduce((sum, { length }) => sum + length, 0);
  return {
    statements: sqls.length,
    seconds: Number(seconds.toFixed(3)),
    statements_per_second: Math.round(sqls.length / seconds),
    mib_per_second: Number((bytes / 2 ** 20 / seconds).toFixed(2)),
  };
}

/** The time of a process that reads a file, in milliseconds; undefined where the program is missing. */
async function processTime(command: string, args: readonly string[]): Promise<number | undefined> {
  const start = performance.now();
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return performance.now() - start;
}

/** The program under test as a process: a digest and its text, a line for each line of the file. */
async function digestFile(file: string): Promise<void> {
  const sqls = (await Deno.readTextFile(file)).split(";\n").slice(0, -1);
  const lines = sqls.map((sql) => {
    const { digest: hash, digest_text } = digest(sql);
    return `${hash} ${digest_text}\n`;
  });
  await new Blob(lines).stream().pipeTo(Deno.stdout.writable);
}

async function compareProcesses(sqls: readonly string[]): Promise<Record<string, Measure | string>> {
  const file = await Deno.makeTempFile({ prefix: "query-sniper-bench-", suffix: ".sql" });
  try {
    await Deno.writeTextFile(file, sqls.map((sql) => `${sql};\n`).join(""));
    const ours = await processTime(Deno.execPath(), [
      ...["run", "--allow-all", "--quiet", import.meta.filename!, "--file", file],
    ]);
    const theirs = await processTime("pt-fingerprint", [file]);
    return {
      process: measured(sqls, ours!),
      pt_fingerprint: theirs === undefined ? "not installed" : measured(sqls, theirs),
    };
  } finally {
    await Deno.remove(file);
  }
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--file") return await digestFile(args[1] ?? "");
  const [count = 200_000, fewer = 20_000] = args.map(Number);
  const sqls = statements(count);
  for (const sql of sqls.slice(0, 5_000)) digest(sql); // until the compiler has seen it
  const start = performance.now();
  for (const sql of sqls) digest(sql);
  const alone = measured(sqls, performance.now() - start);
  // deno-lint-ignore no-console
  console.log(JSON.stringify({ function: alone, ...await compareProcesses(sqls.slice(0, fewer)) }, null, 2));
}

if (import.meta.main) await main(Deno.args);
