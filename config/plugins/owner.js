// @ts-check
// Extra columns of a dump: whose statement it is, and whether it took long. No permissions:
//   plugins: [ { file: plugins/owner.js } ]

/** Who owns what, by the first letters of the schema. @type {Readonly<Record<string, string>>} */
const OWNERS = { shop: "checkout", orders: "checkout", report: "analytics" };

/** On average, in microseconds. */
const SLOW = 100_000;

export const columns = { owner: "text", slow: "boolean" };

/** @param {import("./plugin.d.ts").Row} row */
export function dumpColumns({ schema, count, time_us }) {
  const name = Object.keys(OWNERS).find((name) => schema.startsWith(name));
  return {
    owner: name && OWNERS[name],
    slow: time_us === null ? null : time_us / count > SLOW,
  };
}
