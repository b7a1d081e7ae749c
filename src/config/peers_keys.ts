import {
  integer,
  list,
  name,
  object,
  optional,
  preset,
  required,
  scalar,
  textOr,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { quoted } from "../text/nearest.ts";
import { type HostPort, hostPortIn, hostPortText, isHostName } from "./host_port.ts";

/** The words for a leader that need nothing more. */
export const LEADERS = ["kubernetes", "always", "never"] as const;

const PEER = "a host with the port of a core's admin interface, such as 10.0.0.1:6032";

const peerAddress = scalar<HostPort>(
  PEER,
  { type: "string", minLength: 1 },
  (text, wrong) => hostPortIn(text) ?? wrong(`expected ${PEER}: ${quoted(text)}`),
  hostPortText,
);

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const KEY = `(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?${LABEL}`;
const VALUES = `\\(\\s*${LABEL}(?:\\s*,\\s*${LABEL})*\\s*\\)`;
const REQUIREMENT =
  `\\s*(?:${KEY}\\s*(?:=|==|!=)\\s*${LABEL}|${KEY}\\s+(?:in|notin)\\s+${VALUES}|!?${KEY})\\s*`;
const SELECTOR = new RegExp(`^${REQUIREMENT}(?:,${REQUIREMENT})*$`);

/** What selects pods. One that is empty would select all. */
const selector = scalar<string>(
  'a selector of labels, such as "app=proxysql,component=core"',
  { type: "string", minLength: 1 },
  (text, wrong) =>
    text.length <= 1000 && SELECTOR.test(text)
      ? text.trim()
      : wrong(`expected a selector of labels, such as "app=proxysql,component=core": ${quoted(text)}`),
);

const namespace = scalar<string>(
  "a namespace of Kubernetes",
  { type: "string", pattern: "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$" },
  (text, wrong) =>
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
      ? text
      : wrong(`a namespace has lower case letters, digits and hyphens: ${quoted(text)}`),
);

const leaseName = scalar<string>(
  "the name of a Lease",
  { type: "string", pattern: "^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$" },
  (text, wrong) =>
    /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)
      ? text
      : wrong(`the name of a Lease has lower case letters, digits, dots and hyphens: ${quoted(text)}`),
);

const dnsName = scalar<string>(
  "a name in DNS",
  { type: "string", minLength: 1 },
  (text, wrong) => {
    if (/^[\d.]+$/.test(text)) {
      return wrong(`an address has no name to look up, write "static": ${quoted(text)}`);
    }
    return isHostName(text.replace(/\.$/, ""))
      ? text
      : wrong(`expected a name in DNS, its port under "port": ${quoted(text)}`);
  },
);

/** The keys of where it is told which cores there are. */
export const peersKeys = {
  kubernetes: optional(
    object({
      namespace: optional(namespace, "Where the pods are. Omitted: where this pod is."),
      selector: required(selector, "Which pods are cores, by their labels."),
    }, { instead: "such as { selector: app=proxysql }" }),
    "The cores are pods that run.",
  ),
  dns: optional(dnsName, "The cores are the addresses of this name, such as that of a headless service."),
  static: optional(list(peerAddress, { min: 1 }), "The cores, each as HOST:PORT."),
  port: preset(
    integer({ min: 1, max: 65535 }),
    "6032",
    "The port of the cores' admin interfaces, for `kubernetes` and `dns`.",
  ),
};

const lockName = scalar<string>(
  "the name of a lock",
  { type: "string", pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$" },
  (text, wrong) => {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(text)) {
      return wrong(
        `the name of a lock has letters, digits, dots, hyphens and underscores, 64 at most: ${quoted(text)}`,
      );
    }
    return text.toLowerCase() === KILLERS_LOCK
      ? wrong(`who may kill on a database holds this lock: ${quoted(text)}`)
      : text;
  },
);

/** The lock by which one of several programs may kill on a database; names of locks ignore case. */
const KILLERS_LOCK = "query-sniper";

/** The keys of a Lease. */
export const leaseKeys = {
  namespace: optional(
    namespace,
    "Where the Lease is. Omitted: where the pods of `peers` are, else this pod.",
  ),
  lease: preset(leaseName, "query-sniper-proxysql", "Its name, one for each cluster of ProxySQL."),
};

/** The keys of which agent may write. */
export const leaderKeys = {
  kubernetes: optional(object(leaseKeys), "The holder of a Lease."),
  database: optional(name, "The holder of a named lock on this database, one of `databases`."),
  lock: preset(lockName, "query-sniper-proxysql", "The name of that lock, one for each cluster of ProxySQL."),
};

/** Where it is told which cores there are. */
export const peers = object(peersKeys, {
  either: ["kubernetes", "dns", "static"],
  instead: "such as { static: [10.0.0.1:6032] }",
});

const leaderWord = word(LEADERS);

/** Which agent may write. */
export const leader = textOr(
  {
    ...leaderWord,
    read(value, path, problems) {
      if (value !== "database") return leaderWord.read(value, path, problems);
      problems.report(path, 'write which one, as { database: NAME }: "database"');
    },
  },
  object(leaderKeys, { either: ["kubernetes", "database"], instead: "such as { database: orders-primary }" }),
);

/** As read. */
export type WrittenPeers = ValueOf<typeof peers>;
export type WrittenLeader = ValueOf<typeof leader>;
