import { quoted } from "../text/nearest.ts";
import {
  duration,
  filePath,
  list,
  object,
  oneOrMore,
  optional,
  preset,
  required,
  scalar,
  type ValueOf,
  word,
} from "../yaml/mod.ts";

const PLACE = "a host with a port, such as 10.0.0.9:443";
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/;

/** A place that a plugin may connect to: one host and one port, never all of either. */
const place = scalar<string>(
  PLACE,
  { type: "string", pattern: HOST.source },
  (text, wrong) => {
    const port = Number(HOST.exec(text)?.[1]);
    return port >= 1 && port <= 65535 ? text : wrong(`expected ${PLACE}: ${quoted(text)}`);
  },
);

/** What Deno could allow a worker, and nobody can allow a plugin. */
const NEVER = ["read", "write", "env", "run", "ffi", "sys", "import"];

const permitted = object({
  net: optional(oneOrMore(place), "Hosts with ports to which it may make requests."),
});

/** The permissions of a plugin; one that no plugin has is named as such. */
const permissions: typeof permitted = {
  ...permitted,
  read(value, path, problems) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return permitted.read(value, path, problems);
    }
    const [never, others] = [new Set(NEVER), Object.entries(value)];
    for (const [name] of others.filter(([name]) => never.has(name))) {
      problems.reportKey(path, name, { message: 'no plugin has this permission, only "net" can be given' });
    }
    return permitted.read(Object.fromEntries(others.filter(([name]) => !never.has(name))), path, problems);
  },
};

/** The keys of a plugin. */
export const pluginKeys = {
  file: required(filePath, "A JavaScript module that imports nothing, relative to this file."),
  permissions: optional(permissions, "What it may do; omitted: nothing."),
  timeout: preset(
    duration({ min: "100ms", max: "1m" }),
    "2s",
    "For an answer; whoever is late is ended, and started again later.",
  ),
  text: preset(
    word(["off", "digest"] as const),
    "off",
    "{default} (default): it is handed no text of a digest; digest: it is.",
  ),
};

const plugin = object(pluginKeys, { instead: "such as { file: plugins/health.js }" });

/** Plugins of the agent. */
export const plugins = list(plugin);

/** A plugin as read. */
export type WrittenPlugin = ValueOf<typeof plugin>;
