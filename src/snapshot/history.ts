import type { HealthRead } from "./health_read.ts";
import { statusNumber } from "./status.ts";

/**
 * InnoDB's history list length. MySQL has it among its metrics, where it can be turned off; MariaDB as a
 * status variable, which needs no privilege.
 */
export const readHistory: HealthRead = {
  names: ["hll"],
  async read(connection, { history }) {
    if (history === "status_variable") {
      const rows = await connection.query("SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'");
      return { hll: statusNumber(rows, "Innodb_history_list_length") };
    }
    const [row] = await connection.query(
      "SELECT `COUNT` AS length FROM information_schema.INNODB_METRICS " +
        "WHERE NAME = 'trx_rseg_history_len' AND STATUS = 'enabled'",
    );
    return {
      hll: row === undefined
        ? { unknown: "the metric trx_rseg_history_len is turned off (innodb_monitor_enable turns it on)" }
        : Number(row["length"]),
    };
  },
};
