import { hostFault } from "./host_fault.ts";
import type { Row } from "./row.ts";
import { userFault } from "./account_fault.ts";

/**
 * Names of values that only a proxy in front of the server knows: whose session it is. Unknown where no proxy is
 * configured, where it does not answer, and where what it shows does not agree with what the server shows.
 */
export const PROXIED_NAMES = [
  {
    name: "client_user",
    type: "string",
    meaning: "behind a proxy: the user that the client has logged in as, at the proxy",
    private: true,
    text: "account",
    part_of: "proxied",
    fault: userFault,
  },
  {
    name: "client_host",
    type: "string",
    meaning: "behind a proxy: where the client is, without its port",
    private: true,
    text: "host",
    part_of: "proxied",
    fault: hostFault,
  },
  { name: "client_port", type: "number", meaning: "behind a proxy: the client's port", part_of: "proxied" },
  {
    name: "proxy",
    type: "string",
    meaning: "the name of the proxy that the client comes through, as configured",
    private: true,
    text: "account",
    part_of: "proxied",
  },
  {
    name: "proxy_session",
    type: "number",
    meaning: "behind a proxy: the proxy's id of the client's session",
    part_of: "proxied",
  },
  {
    name: "hostgroup",
    type: "number",
    meaning: "behind a proxy: the hostgroup that the proxy has sent it to",
    part_of: "proxied",
  },
  {
    name: "pooled",
    type: "boolean",
    meaning: "a proxy keeps the connection for its next client, and it is nobody's; never killed",
    part_of: "proxied",
  },
] as const satisfies readonly Row[];
