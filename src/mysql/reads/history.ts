import type { HealthRead } from "./health_read.ts";

const VARIABLE = "Innodb_history_list_length";

/**
 * InnoDB's history list length. On MySQL it is an InnoDB metric, which can be off; on MariaDB a status variable,
 * which requires no privilege.
 */
export const readHistory: HealthRead = {
  names: ["hll"],
  need: "history",
  variables: ({ history }) => history === "status_variable" ? [VARIABLE] : [],
  columns: ({ history }) =>
    history === "status_variable" ? {} : {
      hll: "(SELECT `COUNT` FROM information_schema.INNODB_METRICS " +
        "WHERE NAME = 'trx_rseg_history_len' AND STATUS = 'enabled')",
    },
  values({ row, variable }, { capabilities: { history } }) {
    if (history === "status_variable") return { health: { hll: variable(VARIABLE) } };
    const { hll = null } = row;
    const off = "the metric trx_rseg_history_len is turned off (innodb_monitor_enable turns it on)";
    return { health: { hll: hll === null ? { unknown: off } : Number(hll) } };
  },
};
