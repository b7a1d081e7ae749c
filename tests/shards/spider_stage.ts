import { Client, type LabCluster, type LabServer, spiderFolder, startShards } from "../lab/mod.ts";
import { ROUTER, SCHEMA } from "./stage.ts";

/** Of the table that is divided, `users`. */
const COLUMNS = "user_id INT NOT NULL PRIMARY KEY, name VARCHAR(40), age INT";

/** A Spider node, the first server, and two servers with the rows of its table `users`. */
export async function startSpider(): Promise<LabCluster> {
  const folder = await spiderFolder();
  const load = [`--plugin-dir=${folder}`, "--plugin-maturity=gamma", "--plugin-load-add=ha_spider"];
  const cluster = await startShards("mariadb", 3, (index) => index === 0 ? load : []);
  try {
    await prepare(cluster.servers);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function prepare([spider, ...nodes]: readonly LabServer[]): Promise<void> {
  for (const node of nodes) {
    await using root = await Client.connect(node);
    await root.query(`CREATE DATABASE ${SCHEMA}`);
    await root.query(`CREATE TABLE ${SCHEMA}.users (${COLUMNS})`);
  }
  await using root = await Client.connect(spider!);
  await root.query(`CREATE DATABASE ${SCHEMA}`);
  for (const [index, { host, port }] of nodes.entries()) {
    await root.query(
      `CREATE SERVER node${index + 1} FOREIGN DATA WRAPPER mysql OPTIONS (HOST '${host}', PORT ${port}, ` +
        `DATABASE '${SCHEMA}', USER 'root', PASSWORD 'root')`,
    );
  }
  const parts = nodes.map((_, index) => `PARTITION p${index + 1} COMMENT = 'srv "node${index + 1}"'`);
  await root.query(
    `CREATE TABLE ${SCHEMA}.users (${COLUMNS}) ENGINE = SPIDER COMMENT = 'wrapper "mysql", table "users"' ` +
      `PARTITION BY KEY (user_id) (${parts.join(", ")})`,
  );
  await root.query(`CREATE USER ${ROUTER.user}@'%' IDENTIFIED BY '${ROUTER.password}'`);
  await root.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${SCHEMA}.* TO ${ROUTER.user}@'%'`);
}
