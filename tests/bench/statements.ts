// Statements to be digested, made from a fixed seed, in ASCII: point reads, joins, IN lists, inserts of many rows, updates,
// comments; such with escaped quotes; and such as share nothing.

/** A file with statements. */
export interface Sample {
  readonly file: string;
  readonly statements: number;
  readonly bytes: number;
}

/** Makes one statement from a source of random numbers below a limit. */
export type Generator = (next: (limit: number) => number) => string;

/** Numbers from 0 up to `limit`, the same at every run (the generator "mulberry32"). */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const list = (length: number, item: () => string) => Array.from({ length }, item).join(", ");

export const plain: Generator = (next) => {
  const text = () => `'user${next(1e6)}@example.com'`;
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
  return templates[next(templates.length)]!();
};

export const escaped: Generator = (next) => {
  const text = () => `'it\\'s user ${next(1e6)}'`;
  return next(2) === 0
    ? `SELECT id, name FROM users WHERE name = ${text()} LIMIT 1`
    : `INSERT INTO notes (user_id, note) VALUES ${list(1 + next(5), () => `(${next(1e6)}, ${text()})`)}`;
};

/** Statements of which hardly two have the same digest: each has columns and tables of its own. */
export const distinct: Generator = (next) => {
  const word = () => `${["id", "name", "user_id", "created_at", "total", "status"][next(6)]}_${next(50)}`;
  const table = () => `${["orders", "users", "items", "events"][next(4)]}_${next(1000)}`;
  const value = () => [`${next(1e6)}`, `'text ${next(1e6)}'`, "NULL", `${next(100)}.5`, "-1"][next(5)]!;
  const condition = () => `a.${word()} = ${value()} AND ${word()} IN (${list(1 + next(8), value)})`;
  return [
    () =>
      `SELECT ${
        list(1 + next(6), word)
      }, COUNT(*) AS n FROM ${table()} a LEFT JOIN ${table()} b ON a.id = b.a_id ` +
      `WHERE ${condition()} GROUP BY ${word()} ORDER BY n DESC LIMIT ${next(100)}`,
    () => `INSERT INTO ${table()} (${list(1 + next(6), word)}) VALUES (${list(1 + next(6), value)})`,
    () => `UPDATE ${table()} a SET ${list(1 + next(4), () => `${word()} = ${value()}`)} WHERE ${condition()}`,
    () => `CREATE TABLE ${table()} (${list(1 + next(6), () => `${word()} VARCHAR(20) NOT NULL`)})`,
  ][next(4)]!();
};

/** Writes statements up to a size, a piece at a time. */
export async function writeSample(
  file: string,
  options: { generator: Generator; bytes: number },
): Promise<Sample> {
  const next = numbersFrom(42);
  let [statements, bytes] = [0, 0];
  using output = await Deno.create(file);
  const writer = output.writable.getWriter();
  while (bytes < options.bytes) {
    const some = Array.from({ length: 5000 }, () => `${options.generator(next)};\n`);
    const piece = new TextEncoder().encode(some.join(""));
    await writer.write(piece);
    statements += some.length;
    bytes += piece.length;
  }
  await writer.close();
  return { file, statements, bytes };
}
