import type { Secret } from "../text/secret.ts";
import type { SSL_MODES } from "./level_keys.ts";
import type { DESTROYS } from "./provision_keys.ts";
import type { BACKENDS, DUMP_FORMATS, DUMP_MODES, PROXYSQL_ROLES, STAMPS } from "./proxysql_keys.ts";
import type { SQL_LOGS } from "./schema.ts";
import type { ListenAddress } from "./listen_keys.ts";
import type { ROUTED } from "./sharding_keys.ts";
import type { Route } from "./notify_keys.ts";
import type { WrittenExempt } from "./exempt_keys.ts";
import type { Expression } from "../language/mod.ts";
import type { GatedPolicy, Rules } from "../policy/mod.ts";
import type { ShardAction } from "./shard_actions.ts";

/** When and how a connection is encrypted; MySQL's own names. */
export type SslMode = typeof SSL_MODES[number];

/** What events show of a statement. */
export type SqlLog = typeof SQL_LOGS[number];

/** Queries that someone answers for, until a day YYYY-MM-DD in UTC or for good. */
export type Exempt = WrittenExempt;

/** Digests that are the same query: all count as `digest`. */
export interface Alias {
  readonly digest: string;
  readonly same_as: readonly string[];
}

/** The whole configuration, resolved for each database. Immutable; prints without secrets. */
export interface Config {
  readonly file: string;
  readonly databases: readonly DatabaseConfig[];
  /** The journal file; absent: `off`. */
  readonly journal?: string;
  readonly retention: Retention;
  /** What events show of a statement. */
  readonly sql: SqlLog;
  readonly exempt: readonly Exempt[];
  readonly aliases: readonly Alias[];
  /** Who is told; empty: nobody. */
  readonly notify: readonly ChannelConfig[];
  /** Where `run` listens for HTTP; absent: nowhere. */
  readonly listen?: ListenConfig;
  /** The pause file: while it exists, nothing is killed. */
  readonly pause: string;
  /** Absent: no evidence is kept. */
  readonly evidence?: EvidenceConfig;
  /** Absent: there are no shards. */
  readonly sharding?: ShardingConfig;
  /** Absent: no other program divides tables for the router. */
  readonly endpoint?: EndpointConfig;
  /** The tags in comments of statements that are kept. */
  readonly tags: readonly string[];
  /** What is looked after, and what databases are behind; each has a name of its own. */
  readonly proxies: readonly ProxysqlConfig[];
}

/** A ProxySQL, by its admin interface. */
export interface ProxysqlConfig {
  readonly name: string;
  readonly address: Address;
  readonly tls: Tls;
  readonly role: typeof PROXYSQL_ROLES[number];
  /** For one statement, in milliseconds. */
  readonly timeout: number;
  /** How often the agent looks at it, in milliseconds. */
  readonly interval: number;
  /** For how long a core that has answered may be silent, in milliseconds. */
  readonly missingAfter: number;
  readonly stamp: StampConfig;
  /** An administrator (admin-admin_credentials). Either may be absent. */
  readonly admin?: Account;
  /** A user who may read statistics only (admin-stats_credentials). */
  readonly stats?: Account;
  readonly digests: DumpConfig;
  readonly drain: DrainConfig;
  /** How many hostgroups need a server that is online, for ProxySQL to be ready. */
  readonly backends: typeof BACKENDS[number];
  /** Where and for whom its agent listens; absent: nowhere. */
  readonly http?: ListenConfig;
  /** Whether its agent drains it when it is told to end: where the configuration says how. */
  readonly drainsAtEnd: boolean;
  /** Whether GET /shutdown drains it as well. */
  readonly drainsByGet: boolean;
  /** The file that records what is done to it. */
  readonly acts: string;
  readonly plugins: readonly PluginConfig[];
  /** Where it is told which cores there are; absent: nowhere. */
  readonly peers?: PeersConfig;
  readonly leader: LeaderConfig;
}

/** When the configuration of a core is loaded from its file, and how. */
export interface StampConfig {
  readonly at: typeof STAMPS[number];
  /** Whether servers that are not in the file are removed. */
  readonly prune: boolean;
}

/** A plugin of the agent. */
export interface PluginConfig {
  /** The path of its module. */
  readonly file: string;
  /** Where it may connect to, each a host with a port. */
  readonly net: readonly string[];
  /** For an answer, in milliseconds. */
  readonly timeout: number;
  /** Whether it is handed the texts of digests. */
  readonly text: "off" | "digest";
}

/** Where it is told which cores there are. */
export type PeersConfig =
  /** The pods that a selector of labels finds; without a namespace in the agent's own. */
  | {
    readonly kind: "kubernetes";
    readonly namespace?: string;
    readonly selector: string;
    readonly port: number;
  }
  /** The addresses of a name, such as that of a headless service. */
  | { readonly kind: "dns"; readonly name: string; readonly port: number }
  | { readonly kind: "static"; readonly peers: readonly PeerAddress[] };

/** The admin interface of a core. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** Which of the agents of the cores may write. */
export type LeaderConfig =
  /** The holder of a Lease; without a namespace in the agent's own. */
  | { readonly kind: "kubernetes"; readonly namespace?: string; readonly lease: string }
  /** The holder of a named lock on a database of the configuration. */
  | { readonly kind: "database"; readonly database: string; readonly lock: string }
  | { readonly kind: "always" }
  | { readonly kind: "never" };

/** How digests are dumped. */
export interface DumpConfig {
  /** Absent: to standard output. */
  readonly folder?: string;
  readonly format: typeof DUMP_FORMATS[number];
  /** Absent: only when somebody asks for it; in milliseconds. */
  readonly every?: number;
  readonly mode: typeof DUMP_MODES[number];
  /** For how long dumps stay in the folder, in milliseconds. */
  readonly keep: number;
  /** How large all of them may be, in bytes. */
  readonly maxSize: number;
  readonly text: "digest" | "off";
  readonly comments: "tags" | "off";
  /** Absent: ProxySQL's digests are never emptied; else once they take so many bytes. */
  readonly purge?: { readonly memory: number };
  /** The file that keeps the counters of the last dump. */
  readonly state: string;
}

/** How a ProxySQL is drained; times in milliseconds. */
export interface DrainConfig {
  /** It exists while ProxySQL drains. */
  readonly file: string;
  readonly delay: number;
  readonly timeout: number;
  readonly closeIdle: number;
  readonly shutdown: boolean;
}

/** Where and for whom the program listens. */
export interface ListenConfig {
  readonly address: ListenAddress;
  /** The names under which clients reach it, beside those of this host; in lower case. */
  readonly hosts: readonly string[];
  /** Absent: nobody needs one, or the configuration was read without its secrets. */
  readonly token?: Secret;
  /** Tokens that are as good. */
  readonly moreTokens?: readonly Secret[];
  readonly tls?: ServerTls;
  /** What is asked for, also where the secrets were not read. */
  readonly hasToken: boolean;
  readonly hasTls: boolean;
  readonly hasClientCertificates: boolean;
}

/** PEM texts of a server. */
export interface ServerTls {
  readonly cert: string;
  readonly key: Secret;
  /** Who issues the certificates that clients need; absent: they need none. */
  readonly clientCa?: string;
}

/** A group of shards: how its tables are divided. */
export interface ShardingConfig {
  readonly mode: "dry-run" | "enforce";
  /** The name of the database with the map. */
  readonly metadata: string;
  readonly schema: string;
  readonly tables: readonly ShardedTable[];
  /** Names of databases. */
  readonly shards: readonly string[];
  /** Names of databases that wait: they are claimed in this order. */
  readonly pool: readonly string[];
  /** How further servers are made; absent: they are not. */
  readonly provision?: ProvisionConfig;
  readonly router: RouterConfig;
  readonly admin: AdminConfig;
  readonly move: MoveConfig;
  readonly growth: ShardGrowth;
}

/** How servers are made for a group: by a service or a program of the user's. Times in milliseconds. */
export type ProvisionConfig =
  & (
    | {
      readonly kind: "http";
      readonly url: string;
      readonly tokenFile?: string;
      readonly caFile?: string;
    }
    | { readonly kind: "exec"; readonly program: string }
  )
  & { readonly timeout: number; readonly destroy: typeof DESTROYS[number] };

/** Where and for whom the coordinator listens. Files are read when it does. */
export interface AdminConfig {
  readonly listen: ListenAddress;
  /** Whether the address was written: `run` serves it too then. */
  readonly isWritten: boolean;
  readonly hosts: readonly string[];
  /** Absent: nobody needs a token. */
  readonly tokensFile?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile?: string };
}

/** How rows move from shard to shard. */
export interface MoveConfig {
  /** Rows of a table that are read at once. */
  readonly chunk: number;
  /** Where it is true, or unknown, of one of both shards, a move rests. */
  readonly pauseWhen: Expression;
  /** How long nobody may write to slots, in milliseconds. */
  readonly freeze: number;
  /** How long rows stay where they were, in milliseconds. */
  readonly keepOld: number;
}

/** When a group of shards grows, and how it is measured. */
export interface ShardGrowth {
  /** The most shards that policies make. */
  readonly maxShards: number;
  /** How many shards may be added within a sliding window of `per` milliseconds. */
  readonly budget: { readonly shards: number; readonly per: number };
  readonly metrics: ShardMetricsConfig;
  /** The limits that the policies name, by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** In the order in which they are asked. */
  readonly policies: readonly ShardPolicy[];
}

/** How shards are measured. */
export interface ShardMetricsConfig {
  /** Between two looks, in milliseconds. */
  readonly interval: number;
  /** Tables with more rows than that are not counted; Infinity: all are. */
  readonly exactUpTo: number;
  /** The URL of each shard's node_exporter, by shard. */
  readonly exporters: Readonly<Record<string, string>>;
}

/** A policy about a group of shards. */
export interface ShardPolicy extends GatedPolicy {
  /** `shard`: `when` is asked for each shard; absent: once, for the group. */
  readonly each?: "shard";
  readonly when: NonNullable<GatedPolicy["when"]>;
  readonly then: ShardAction;
}

/** A program that divides tables itself, behind one address: the router passes statements on. */
export interface EndpointConfig {
  readonly mode: "dry-run" | "enforce";
  /** The name of the database. */
  readonly name: string;
  readonly schema: string;
  /** Who adds a shard behind it. */
  readonly provision?: ProvisionConfig;
  readonly router: RouterConfig;
}

/** A table of the shards. */
export interface ShardedTable {
  readonly name: string;
  /** Absent: the whole table is on every shard. */
  readonly key?: string;
  /** The table by whose name those are known that are divided alike. */
  readonly group: string;
}

/** How statements are taken by HTTP. */
export interface RouterConfig {
  /** `HOST:PORT` on this host. */
  readonly listen: string;
  /** Whether the address was written: `run` serves it too then. */
  readonly isWritten: boolean;
  readonly tokensFile?: string;
  readonly statements: readonly (typeof ROUTED[number])[];
  /** In milliseconds. */
  readonly timeout: number;
  /** In milliseconds. */
  readonly waitForMove: number;
  readonly rows: number;
  readonly connections: number;
}

/** Who is told of what. */
export interface ChannelConfig {
  readonly name: string;
  readonly kind: Destination["kind"];
  readonly on: readonly Route[];
  /** Patterns of names; `*` stands for any part, `?` for one character. */
  readonly databases: readonly string[];
  /** The least time between two messages, in milliseconds. */
  readonly every: number;
  /** Absent only if a configuration is read without its secrets. */
  readonly to?: Destination;
}

/** Where messages go. Addresses are secrets: whoever knows one may post there. */
export type Destination =
  | WebhookDestination
  | SlackDestination
  | PagerdutyDestination
  | EmailDestination
  | AlertmanagerDestination;

/** Any address; `key` signs what is posted. */
export interface WebhookDestination {
  readonly kind: "webhook";
  readonly url: Secret;
  readonly key: Secret;
}

/** An incoming webhook of Slack. */
export interface SlackDestination {
  readonly kind: "slack";
  readonly url: Secret;
}

/** The Events API of PagerDuty; `key` is the routing key. */
export interface PagerdutyDestination {
  readonly kind: "pagerduty";
  readonly url: Secret;
  readonly key: Secret;
}

/** A mail server, and who writes to whom. */
export interface EmailDestination {
  readonly kind: "email";
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte on; else STARTTLS, without which nothing is sent to another host. */
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: Secret;
  readonly from: string;
  readonly to: readonly string[];
  /** A PEM text of the authorities that its certificate is checked by; absent: the usual ones. */
  readonly ca?: string;
}

/** An Alertmanager; `url` without the path of its API. */
export interface AlertmanagerDestination {
  readonly kind: "alertmanager";
  readonly url: Secret;
}

/** How much the journal keeps. */
export interface Retention {
  /** For how long, in milliseconds. */
  readonly keep: number;
  /** How large its data may be, in bytes. */
  readonly maxSize: number;
}

/** Where and for how long to keep the last looks, which are written to a file after a kill. */
export interface EvidenceConfig {
  /** For how long, in milliseconds. */
  readonly keep: number;
  readonly folder: string;
}

/** One database, after the levels were merged. */
export interface DatabaseConfig {
  readonly name: string;
  readonly group?: string;
  readonly address: Address;
  readonly tls: Tls;
  /** Absent only if a configuration is validated without its credentials. */
  readonly account?: Account;
  readonly rules: Rules;
  /** The longest time between two looks, in milliseconds. */
  readonly interval: number;
  /** The name of the database that this one replicates from, if the server itself does not identify it. */
  readonly source?: string;
  /** A heartbeat table to measure its lag by, as `schema.table`. */
  readonly heartbeat?: string;
  /** The names of what its clients come through; absent: they come directly. */
  readonly proxysql?: readonly string[];
}

/** A database with the account to log in with. */
export type WatchedDatabase = DatabaseConfig & { readonly account: Account };

/** Where a server listens. */
export type Address =
  | { readonly host: string; readonly port: number }
  | { readonly socket: string };

/** How a connection is encrypted. Certificates and keys are PEM texts. */
export interface Tls {
  readonly mode: SslMode;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

export interface Account {
  readonly user: string;
  readonly password: Secret;
}
