import { VERBS } from "../../digest/mod.ts";
import { schemaFault, userFault } from "./account_fault.ts";
import { CLIENT_COMMANDS, COMMANDS } from "./commands.ts";
import { hostFault } from "./host_fault.ts";
import type { Row } from "./row.ts";
import { stateFault } from "./state_fault.ts";
import { statementFault } from "./statement_fault.ts";

/** Names of values that the list of sessions shows. A new name is a new row here, and a read in `reads/sessions.ts`. */
export const SESSION_NAMES = [
  { name: "id", type: "number", meaning: "the connection's id in the process list", always_known: true },
  {
    name: "user",
    type: "string",
    meaning: "the account's user name",
    private: true,
    text: "account",
    needs: ["definers"],
    fault: userFault,
  },
  {
    name: "host",
    type: "string",
    meaning: "where the client is, without its port",
    private: true,
    text: "host",
    needs: ["definers"],
    fault: hostFault,
  },
  {
    name: "db",
    type: "string",
    meaning: "the default schema; '' without one",
    always_known: true,
    private: true,
    changes: true,
    text: "account",
    fault: schemaFault,
  },
  {
    name: "command",
    type: "string",
    meaning: "what the process list shows as Command",
    values: COMMANDS,
    selectable: CLIENT_COMMANDS,
    idle_value: "Sleep",
    always_known: true,
  },
  {
    name: "state",
    type: "string",
    meaning: "what the process list shows as State",
    always_known: true,
    changes: true,
    fault: stateFault,
  },
  { name: "running", type: "boolean", meaning: "a statement is running", always_known: true },
  { name: "idle", type: "boolean", meaning: "the session waits for its client", always_known: true },
  {
    name: "time",
    type: "duration",
    meaning: "age of the running statement; unknown when idle",
    known_while: "running",
    grows: "always",
  },
  {
    name: "idle_time",
    type: "duration",
    meaning: "since the last statement ended; unknown when running",
    known_while: "idle",
    grows: "always",
  },
  {
    name: "program",
    type: "string",
    meaning: "what the client calls itself (connection attribute program_name); '' where it does not",
    private: true,
    text: "any",
    needs: ["attributes"],
  },
  {
    name: "sql",
    type: "string",
    meaning: "text of the running statement; '' when idle",
    statement: true,
    idle_value: "",
    text: "any",
    needs: ["whole_texts"],
    fault: statementFault,
  },
  {
    name: "verb",
    type: "string",
    meaning: "what the running statement does; '' when idle",
    values: ["", ...VERBS],
    idle_value: "",
  },
] as const satisfies readonly Row[];
