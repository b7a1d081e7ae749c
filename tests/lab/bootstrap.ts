// What makes an empty server a lab server: accounts, the schema `test`, replication. It is plain SQL and may be
// run again, so that others can use it too:
//
//   deno run tests/lab/bootstrap.ts mariadb | mariadb -uroot
//   deno run tests/lab/bootstrap.ts mysql primary-host 3306 | mysql -h replica-host -uroot -p

import { ACCOUNTS } from "./account.ts";
import type { Flavor } from "./discover.ts";

/** The least that observing and killing takes on each flavor. */
const SNIPER_GRANTS: Readonly<Record<Flavor, readonly string[]>> = {
  mariadb: [
    "GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR, CONNECTION ADMIN ON *.* TO sniper@'%'",
    "GRANT SELECT ON performance_schema.* TO sniper@'%'",
    "GRANT SELECT ON mysql.proc TO sniper@'%'",
  ],
  mysql: [
    "GRANT PROCESS, REPLICATION CLIENT, CONNECTION_ADMIN ON *.* TO sniper@'%'",
    "GRANT SELECT ON performance_schema.* TO sniper@'%'",
  ],
};

const SCHEMA = [
  "CREATE DATABASE IF NOT EXISTS test",
  "CREATE TABLE IF NOT EXISTS test.config (name VARCHAR(64) PRIMARY KEY, value VARCHAR(255))",
  "INSERT IGNORE INTO test.config VALUES ('sniper.enabled', '1'), ('lag.limit', '30'), ('greeting', 'hello')",
  `CREATE TABLE IF NOT EXISTS test.item (
    id INT PRIMARY KEY AUTO_INCREMENT,
    category INT NOT NULL,
    name VARCHAR(64) NOT NULL,
    stock INT NOT NULL DEFAULT 0,
    note VARCHAR(255),
    KEY category (category)
  )`,
  itemRows(),
];

/** 5,000 rows, numbered from 1, in 50 categories: a join of five digits, since recursion is limited to 1,000. */
function itemRows(): string {
  const digits = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(" UNION ALL ");
  return `INSERT IGNORE INTO test.item (id, category, name, stock, note)
    SELECT number, number % 50, CONCAT('item ', number), number % 1000, REPEAT(CHAR(97 + number % 26), 100) FROM (
      SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS number
      FROM (${digits}) a, (${digits}) b, (${digits}) c, (${digits}) d
      WHERE d.n < 5
    ) numbers`;
}

/** Passwords for root, which a new server has none for. Not for servers that have other ideas about root. */
export const ROOT_STATEMENTS: readonly string[] = [
  "CREATE USER IF NOT EXISTS root@'127.0.0.1'",
  `ALTER USER root@'127.0.0.1' IDENTIFIED BY '${ACCOUNTS.root.password}'`,
  "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION",
  `ALTER USER root@localhost IDENTIFIED BY '${ACCOUNTS.root.password}'`,
];

/**
 * Accounts and schema, for the primary: replication brings them to the replica.
 * `'%'` is any address, also the socket; it is for the server's bind address to say who can reach it.
 */
export function primaryStatements(flavor: Flavor): readonly string[] {
  const { sniper, app, replication } = ACCOUNTS;
  return [
    ...[replication, sniper, app].map(({ user, password }) =>
      `CREATE USER IF NOT EXISTS ${user}@'%' IDENTIFIED BY '${password}'`
    ),
    "GRANT REPLICATION SLAVE ON *.* TO replication@'%'",
    ...SNIPER_GRANTS[flavor],
    // Not ON *.*: on MySQL that would bring SYSTEM_USER, and nobody with CONNECTION_ADMIN alone could kill it.
    "GRANT ALL ON test.* TO app@'%'",
    ...SCHEMA,
  ];
}

/** Makes a server the replica of the primary at `host` and `port`. */
export function replicaStatements(flavor: Flavor, host: string, port: number): readonly string[] {
  const { user, password } = ACCOUNTS.replication;
  if (flavor === "mariadb") {
    return [
      `CHANGE MASTER TO MASTER_HOST = '${host}', MASTER_PORT = ${port}, MASTER_USER = '${user}',
        MASTER_PASSWORD = '${password}', MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos`,
      "START SLAVE",
    ];
  }
  // GET_SOURCE_PUBLIC_KEY: without TLS, caching_sha2_password sends the password encrypted with the source's key.
  return [
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host}', SOURCE_PORT = ${port}, SOURCE_USER = '${user}',
      SOURCE_PASSWORD = '${password}', SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 86400,
      SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1`,
    "START REPLICA",
  ];
}

function main(args: readonly string[]): void {
  const [flavor, host, port] = args;
  if (flavor !== "mariadb" && flavor !== "mysql") {
    throw new Error("Usage: bootstrap.ts mariadb|mysql [PRIMARY_HOST PRIMARY_PORT]");
  }
  const statements = host === undefined
    ? primaryStatements(flavor)
    : replicaStatements(flavor, host, Number(port ?? 3306));
  const text = statements.map((statement) => `${statement};\n`).join("");
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

if (import.meta.main) main(Deno.args);
