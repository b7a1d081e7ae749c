import { didYouMean, quoted } from "../../text/nearest.ts";
import { isShardName } from "../coordinator/change.ts";
import {
  type Findings,
  type Original,
  type OriginalShard,
  type ThresholdName,
  THRESHOLDS,
} from "./original.ts";

type Json = Readonly<Record<string, unknown>>;

/** Names of one meaning: the file is read tolerantly, since its system had several versions of it. */
const NAMES = {
  shards: ["shards", "initial_shards", "nodes", "databases"],
  keys: ["table_shard_keys", "shard_keys", "tables"],
  thresholds: ["thresholds", "scaling", "scaling_thresholds", "limits", "scale_up"],
  schema: ["database", "schema", "db", "db_name", "database_name", "dbname"],
  user: ["user", "username", "db_user", "mysql_user"],
  maxShards: ["max_shards", "maximum_shards", "max_shard_count"],
  interval: ["interval", "check_interval", "monitor_interval", "metrics_interval", "monitoring_interval"],
  settle: ["cooldown", "scale_cooldown", "cooldown_period", "scaling_cooldown"],
  routerPort: ["router_port", "query_port", "http_port", "port"],
  adminPort: ["coordinator_port", "admin_port", "api_port", "monitor_port"],
  password: ["password", "pass", "db_password", "mysql_password", "root_password"],
} as const;

type Meaning = keyof typeof NAMES;

const ALL_NAMES = [...Object.values(NAMES), ...Object.values(THRESHOLDS).map(({ names }) => names)].flat();

/** Parts whose keys are read as if they stood at the top. */
const GROUPS = /^(?:router|coordinator|mysql|server|config|sharding|monitor|monitoring)$/;

/** Reads the text of such a file. Whatever is wrong in it is named, with all else. */
export function readOriginal(text: string): { readonly original?: Original; readonly findings: Findings } {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { findings: { wrong: ["the file is not JSON"], left: [] } };
  }
  if (!isObject(file)) return { findings: { wrong: ["the file is no JSON object"], left: [] } };
  const reader = new Reader();
  const original = reader.read(file);
  const { wrong, left } = reader;
  return wrong.length > 0 ? { findings: { wrong, left } } : { original, findings: { wrong, left } };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  readonly wrong: string[] = [];
  readonly left: string[] = [];
  readonly #found = new Map<Meaning, { readonly value: unknown; readonly path: string }>();
  readonly #thresholds = new Map<ThresholdName, number>();

  read(file: Json): Original {
    this.#sort(file, "");
    const keys = this.#keys();
    const shards = this.#shards();
    const schema = this.#text("schema");
    const user = this.#text("user");
    const numbers = {
      maxShards: this.#whole("maxShards", 1024),
      routerPort: this.#whole("routerPort", 65_535),
      adminPort: this.#whole("adminPort", 65_535),
      interval: this.#duration("interval"),
      settle: this.#duration("settle"),
    };
    if (numbers.maxShards !== undefined && numbers.maxShards < shards.length) {
      this.wrong.push(
        `max_shards is less than the shards that are named: ${numbers.maxShards} and ${shards.length}`,
      );
    }
    if (numbers.routerPort !== undefined && numbers.routerPort === numbers.adminPort) {
      this.wrong.push(`the router and the coordinator have one port: ${numbers.routerPort}`);
    }
    return {
      shards,
      keys,
      thresholds: this.#thresholds,
      ...schema !== undefined && { schema },
      ...user !== undefined && { user },
      ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    };
  }

  /** Finds what each key means; parts such as `router` say what their `port` is of. */
  #sort(part: Json, place: string): void {
    for (const [key, value] of Object.entries(part)) {
      const path = place === "" ? key : `${place}.${key}`;
      const name = nameOf(key);
      const meaning = meaningOf(name, place);
      if (meaning === "password") this.left.push(`${path}: passwords stand in the credentials file`);
      else if (meaning === "thresholds" && isObject(value)) this.#readThresholds(value, path);
      else if (meaning !== undefined) this.#put(meaning, value, path);
      else if (isObject(value) && GROUPS.test(name)) this.#sort(value, path);
      else if (!this.#readThreshold(name, value, path)) {
        this.left.push(`${path}: unknown key${didYouMean(name, ALL_NAMES, '"')}`);
      }
    }
  }

  #put(meaning: Meaning, value: unknown, path: string): void {
    const other = this.#found.get(meaning);
    if (other !== undefined) this.wrong.push(`${path}: ${other.path} says the same already`);
    else this.#found.set(meaning, { value, path });
  }

  #readThresholds(part: Json, place: string): void {
    for (const [key, value] of Object.entries(part)) {
      const path = `${place}.${key}`;
      const name = nameOf(key);
      if (!this.#readThreshold(name, value, path)) {
        const meaning = meaningOf(name, "");
        if (meaning === undefined) this.left.push(`${path}: unknown key${didYouMean(name, ALL_NAMES, '"')}`);
        else this.#put(meaning, value, path);
      }
    }
  }

  #readThreshold(name: string, value: unknown, path: string): boolean {
    for (const [threshold, { names, most }] of Object.entries(THRESHOLDS)) {
      if (!(names as readonly string[]).includes(name)) continue;
      const known = threshold as ThresholdName;
      if (typeof value !== "number" || !(value > 0 && value <= most)) {
        this.wrong.push(`${path}: expected a number above 0, ${most} at most: ${JSON.stringify(value)}`);
      } else if (this.#thresholds.has(known)) {
        this.wrong.push(`${path}: there are two thresholds of ${known}`);
      } else this.#thresholds.set(known, value);
      return true;
    }
    return false;
  }

  #keys(): ReadonlyMap<string, string> {
    const found = this.#found.get("keys");
    const keys = new Map<string, string>();
    if (found === undefined || !isObject(found.value) || Object.keys(found.value).length === 0) {
      this.wrong.push('table_shard_keys: expected {"users": "user_id", …}, the key of each table');
      return keys;
    }
    for (const [table, key] of Object.entries(found.value)) {
      const path = `${found.path}.${table}`;
      if (typeof key !== "string" || !isIdentifier(key) || !isIdentifier(table) || /^qs_/i.test(table)) {
        this.wrong.push(`${path}: expected the name of a table and that of a column: ${JSON.stringify(key)}`);
      } else keys.set(table, key);
    }
    return keys;
  }

  #shards(): readonly OriginalShard[] {
    const found = this.#found.get("shards");
    const listed = isObject(found?.value)
      ? Object.entries(found.value).map(([id, shard]) => isObject(shard) ? { id, ...shard } : shard)
      : found?.value;
    if (!Array.isArray(listed) || listed.length === 0) {
      this.wrong.push("shards: expected a list of shards, each with a host and a port");
      return [];
    }
    const shards = listed.flatMap((shard, index) => this.#shard(shard, `${found!.path}[${index}]`, index));
    for (const field of ["name", "address"] as const) {
      const of = (shard: OriginalShard) => field === "name" ? shard.name : `${shard.host}:${shard.port}`;
      const seen = new Set<string>();
      for (const shard of shards) {
        if (seen.has(of(shard))) {
          this.wrong.push(`${found!.path}: two shards have one ${field}: ${quoted(of(shard))}`);
        }
        seen.add(of(shard));
      }
    }
    return shards;
  }

  #shard(shard: unknown, path: string, index: number): readonly OriginalShard[] {
    if (!isObject(shard)) {
      this.wrong.push(`${path}: expected a shard with a host and a port`);
      return [];
    }
    const { host, hostname, address, port = 3306, id, name, shard_id: shardId, ...more } = shard;
    const [, fromAddress, addressPort] = /^([^:]+)(?::(\d+))?$/.exec(String(address ?? "")) ?? [];
    const place = host ?? hostname ?? fromAddress;
    const number = addressPort === undefined ? port : Number(addressPort);
    if (typeof place !== "string" || !/^[\w.:-]{1,253}$/.test(place)) {
      this.wrong.push(`${path}.host: expected a host: ${JSON.stringify(place ?? null)}`);
    }
    if (typeof number !== "number" || !Number.isInteger(number) || number < 1 || number > 65_535) {
      this.wrong.push(`${path}.port: expected a port, 1 to 65535: ${JSON.stringify(number)}`);
    }
    const own = String(name ?? shardId ?? id ?? `shard-${index + 1}`);
    const known = /^\d+$/.test(own) ? `shard-${own}` : own;
    if (!isShardName(known)) {
      this.wrong.push(`${path}: this is no name of a shard: ${quoted(own.slice(0, 80))}`);
    }
    for (const key of Object.keys(more)) this.#shardKey(key, more[key], path);
    return [{ name: known, host: String(place), port: Number(number) }];
  }

  #shardKey(key: string, value: unknown, path: string): void {
    const name = nameOf(key);
    const meaning = (["schema", "user", "password"] as const).find((each) =>
      (NAMES[each] as readonly string[]).includes(name)
    );
    if (meaning === undefined) this.left.push(`${path}.${key}: unknown key`);
    else if (meaning === "password") {
      this.left.push(`${path}.${key}: passwords stand in the credentials file`);
    } else {
      const known = this.#found.get(meaning);
      if (known === undefined) this.#put(meaning, value, `${path}.${key}`);
      else if (known.value !== value) {
        const of = meaning === "schema" ? "schema" : "account";
        this.wrong.push(`${path}.${key}: all shards have one ${of}, and ${known.path} names another one`);
      }
    }
  }

  #text(meaning: "schema" | "user"): string | undefined {
    const found = this.#found.get(meaning);
    if (found === undefined) return undefined;
    const { value, path } = found;
    if (typeof value === "string" && (meaning === "user" ? value !== "" : isIdentifier(value))) return value;
    this.wrong.push(
      `${path}: expected ${meaning === "user" ? "an account" : "the name of a schema"}: ${
        JSON.stringify(value)
      }`,
    );
  }

  #whole(meaning: Meaning, most: number): number | undefined {
    const found = this.#found.get(meaning);
    if (found === undefined) return undefined;
    const { path } = found;
    const value = typeof found.value === "string" && /^:?\d+$/.test(found.value)
      ? Number(found.value.replace(":", ""))
      : found.value;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
    this.wrong.push(`${path}: expected a whole number, 1 to ${most}: ${JSON.stringify(value)}`);
  }

  /** Seconds, or a text with a unit. */
  #duration(meaning: Meaning): number | undefined {
    const found = this.#found.get(meaning);
    if (found === undefined) return undefined;
    const { value, path } = found;
    if (typeof value === "number" && value > 0 && value <= 86_400) return value * 1000;
    const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(String(value)) ?? [];
    if (unit !== undefined) return Number(amount) * UNITS[unit as keyof typeof UNITS];
    this.wrong.push(`${path}: expected seconds, or a duration such as 30s: ${JSON.stringify(value)}`);
  }
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `maxShards`, `max-shards` and `MAX_SHARDS` are one name. */
function nameOf(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().replaceAll("-", "_");
}

function meaningOf(name: string, place: string): Meaning | undefined {
  if (name === "port" && /^(?:coordinator|monitor|monitoring)$/.test(place)) return "adminPort";
  if (name === "port" && /^(?:mysql)$/.test(place)) return undefined;
  for (const [meaning, names] of Object.entries(NAMES)) {
    if ((names as readonly string[]).includes(name)) return meaning as Meaning;
  }
}

function isIdentifier(text: string): boolean {
  return /^[A-Za-z_]\w{0,63}$/.test(text);
}
