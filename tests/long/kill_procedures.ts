import { Client, type LabPair } from "../lab/mod.ts";

/** By parameter and body: stand-ins for the procedures of RDS, which run with the rights of who made them. */
const PROCEDURES = {
  mysql: {
    "rds_kill(IN id BIGINT)": "KILL CONNECTION id",
    "rds_kill_query(IN id BIGINT)": "KILL QUERY id",
  },
  mariadb: {
    "rds_kill(IN id BIGINT)": "KILL CONNECTION id",
    "rds_kill_query(IN id BIGINT)": "KILL QUERY id",
    "rds_kill_query_id(IN id BIGINT)": "KILL QUERY ID id",
  },
} as const;

/** Makes the kill procedures of a managed server, and takes the sniper's privilege to kill by statement away. */
export async function createKillProcedures({ primary, flavor }: LabPair): Promise<void> {
  await using root = await Client.connect(primary);
  for (const [procedure, body] of Object.entries(PROCEDURES[flavor])) {
    await root.query(`CREATE PROCEDURE mysql.${procedure} SQL SECURITY DEFINER ${body}`);
    await root.query(`GRANT EXECUTE ON PROCEDURE mysql.${procedure.split("(")[0]} TO sniper@'%'`);
  }
  const privilege = flavor === "mysql" ? "CONNECTION_ADMIN" : "CONNECTION ADMIN";
  await root.query(`REVOKE ${privilege} ON *.* FROM sniper@'%'`);
}

/** Undoes it. */
export async function dropKillProcedures({ primary, flavor }: LabPair): Promise<void> {
  await using root = await Client.connect(primary);
  const privilege = flavor === "mysql" ? "CONNECTION_ADMIN" : "CONNECTION ADMIN";
  await root.query(`GRANT ${privilege} ON *.* TO sniper@'%'`);
  for (const procedure of Object.keys(PROCEDURES[flavor])) {
    await root.query(`DROP PROCEDURE mysql.${procedure.split("(")[0]}`);
  }
}
