import { type Here, readName, readTable, type Walk } from "./table_walk.ts";

/** Statements about tables, which name them behind the word TABLE, TABLES or VIEW; these in a list. */
const LISTING: ReadonlySet<string> = new Set(
  ["analyze", "check", "checksum", "drop", "flush", "lock", "optimize", "rename", "repair"],
);

/** The words of statements about tables, indexes, triggers and views. */
export function readDefinitionWord(walk: Walk, { frame, word }: Here): void {
  const { reader, previous } = walk;
  const { verb } = frame;
  const definition = verb === "create" || verb === "alter" || verb === "drop";
  if (verb === "import") return;
  if (verb === "cache" || verb === "load") readCacheWord(walk, { frame, word });
  if (word === "table" || word === "tables" || (word === "view" && definition && previous !== "add")) {
    frame.due = "name";
    frame.list = LISTING.has(verb) ? "name" : undefined;
  } else if (word === "sequence" && definition && (previous === verb || previous === "replace")) {
    frame.due = "name";
    frame.list = verb === "drop" ? "name" : undefined;
  } else if (reader.text() === "histogram" && verb === "analyze") {
    // UPDATE HISTOGRAM ON a, b: columns.
    frame.list = undefined;
  } else if ((word === "index" || word === "trigger") && (verb === "create" || verb === "drop")) {
    frame.on = true;
  } else if (word === "on" && frame.on) {
    frame.due = "name";
    frame.on = false;
  } else if (word === "references" || (word === "like" && verb === "create")) {
    frame.due = "name";
  } else if (word === "to" && verb === "rename" && frame.list !== undefined) {
    frame.due = "name";
  } else if (word === "rename" && verb === "alter") {
    const other = ["column", "index", "key"].includes(reader.text());
    if (!other) frame.due = "name";
  }
}

/** CACHE INDEX t INDEX (i), u IN c; LOAD INDEX INTO CACHE t, u. */
function readCacheWord({ previous }: Walk, { frame, word }: Here): void {
  const starts = frame.verb === "cache"
    ? word === "index" && previous === "cache"
    : word === "cache" && previous === "into";
  if (starts) Object.assign(frame, { due: "name", list: "name" });
  else if (word === "in") frame.list = undefined;
}

/** SHOW COLUMNS FROM t FROM s, SHOW INDEX FROM t, SHOW CREATE TABLE t. */
export function readShow(walk: Walk, { frame, word }: Here): void {
  const { reader, previous, found } = walk;
  if (frame.verb !== "show") return;
  if (previous === "create" && (word === "table" || word === "view")) frame.due = "name";
  if (word !== "from" && word !== "in") return;
  if (frame.on) {
    const schema = readName(walk);
    const table = found.pop();
    if (table !== undefined && schema !== undefined) found.push(`${schema}.${table}`);
    frame.on = false;
  } else if (["columns", "fields", "index", "indexes", "keys"].includes(previous)) {
    frame.due = "name";
    readTable(walk, frame);
    frame.on = !(found.at(-1) ?? ".").includes(".") && reader.text() !== "";
  }
}
