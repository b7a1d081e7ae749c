// The least that a program can do which asks a server something: what `once` is compared with.
//
//   deno run --allow-all tests/bench/programs/minimal.ts HOST PORT USER PASSWORD [tls]

import { createConnection } from "mysql2";

const [host, port, user, password, tls] = Deno.args;
const connection = createConnection({
  host: host!,
  port: Number(port),
  user: user!,
  password: password!,
  ...tls !== undefined && { ssl: { rejectUnauthorized: false } },
});
await new Promise<void>((resolve, reject) => {
  connection.query("SELECT 1", (error) => error ? reject(error) : resolve());
});
await new Promise<void>((resolve) => connection.end(() => resolve()));
Deno.exit(0);
