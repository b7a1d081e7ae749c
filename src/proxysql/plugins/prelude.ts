/**
 * What a plugin finds in its sandbox, and how it is called: a function of `sleep` and `request`, which are this program's.
 * It takes what it uses before the plugin can change it. All that comes out of it is text. Bare JavaScript, since it is
 * never compiled.
 */
export const PRELUDE = String.raw`(function (sleep, request) {
  "use strict";
  const { parse, stringify } = JSON;
  const { hasOwn, keys } = Object;
  const isArray = Array.isArray;
  const hasColumns = (value) => typeof value === "object" && value !== null && !isArray(value);

  const silent = () => {};
  globalThis.console = { debug: silent, error: silent, info: silent, log: silent, trace: silent, warn: silent };

  const timers = new Set();
  let lastTimer = 0;
  globalThis.setTimeout = (callback, milliseconds = 0, ...values) => {
    const timer = ++lastTimer;
    timers.add(timer);
    sleep(Number(milliseconds)).then(() => {
      if (timers.delete(timer)) callback(...values);
    });
    return timer;
  };
  globalThis.clearTimeout = (timer) => void timers.delete(timer);

  globalThis.fetch = async (url, { method = "GET", headers = {}, body = "" } = {}) => {
    const entries = keys(headers).map((name) => [name, String(headers[name])]);
    const asked = { url: String(url), method: String(method), headers: entries, body: String(body) };
    const answer = parse(await request(stringify(asked)));
    const got = new Map(answer.headers);
    return {
      ok: answer.status >= 200 && answer.status < 300,
      status: answer.status,
      headers: { get: (name) => got.get(String(name).toLowerCase()) ?? null },
      text: async () => answer.body,
      json: async () => parse(answer.body),
    };
  };

  const cells = (value, types, row) => {
    if (!hasColumns(value)) throw new TypeError("row " + row + ": expected an object of columns");
    for (const name of keys(value)) {
      if (!hasOwn(types, name)) throw new TypeError("row " + row + ": column " + stringify(name) + " is not in columns");
    }
    return keys(types).map((name) => {
      const cell = hasOwn(value, name) ? value[name] : null;
      if (typeof cell === "object" && cell !== null) {
        throw new TypeError("row " + row + ": column " + stringify(name) + " is no single value");
      }
      return typeof cell === "bigint" && types[name] === "integer" ? [String(cell)] : cell ?? null;
    });
  };

  const calls = {
    async health(plugin, status) {
      return await plugin.health(status) ?? [];
    },
    async dumpColumns(plugin, { names, rows, types }) {
      const table = [];
      for (let row = 0; row < rows.length; row++) {
        const values = {};
        for (let at = 0; at < names.length; at++) values[names[at]] = rows[row][at];
        const value = plugin.dumpColumns(values);
        table[row] = cells(typeof value?.then === "function" ? await value : value, types, row + 1);
      }
      return table;
    },
    async event(plugin, event) {
      await plugin.event(event);
      return null;
    },
  };

  return {
    /** What a plugin exports: the type of each name, and its columns. */
    exported(plugin) {
      const names = {};
      for (const name of keys(plugin)) names[name] = typeof plugin[name];
      return stringify({ names, columns: plugin.columns ?? null });
    },
    async call(plugin, name, json) {
      return stringify(await calls[name](plugin, parse(json)));
    },
    /** An error in a few words, whatever was thrown. */
    words(error) {
      try {
        const { name, message } = Object(error);
        const text = message === undefined ? String(error) : name === undefined ? message : name + ": " + message;
        return String(text).slice(0, 300);
      } catch {
        return "an error that cannot be shown";
      }
    },
  };
})`;
