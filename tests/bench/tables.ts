// Whether the tables that are read from queries are those that an independent parser finds, over the queries of the
// tests, which are known to name tables, and the SELECTs of the vectors: node-sql-parser. It reads less than half of
// them, takes names of WITH clauses for tables and leaves out joins in parentheses, so that the two need not agree. The target: where a query is
// known to name tables, or the parser finds some, we find some, too.

import parserOfMysql from "node-sql-parser";
import { tablesOf } from "../../src/digest/mod.ts";
import { queries } from "../digest/selects.ts";
import { VECTORS } from "../digest/vector.ts";
import type { Benchmark } from "./figure.ts";

/** Reads the tables of a statement as `kind::schema::table`; throws where it cannot parse it. */
interface SqlParser {
  tableList(sql: string): readonly string[];
}

const parser: SqlParser = new parserOfMysql.Parser();

/** What the parser finds, as we write it; undefined where it cannot parse the statement. */
function parsedTables(sql: string): readonly string[] | undefined {
  try {
    const names = parser.tableList(sql).map((entry) => {
      const [, schema = "null", table = ""] = entry.split("::");
      return schema === "null" ? table : `${schema}.${table}`;
    });
    return [...new Set(names)].filter((name) => name !== "" && name.toLowerCase() !== "dual").sort();
  } catch {
    return undefined;
  }
}

/** A query, and whether it is known to name tables. */
interface Sample {
  readonly sql: string;
  readonly names: boolean;
}

function samples(): readonly Sample[] {
  const made = queries().map(({ sql, tables }) => ({ sql, names: tables.length > 0 }));
  const selects = VECTORS.filter(({ sql, mysql }) => mysql !== undefined && /^\s*\(*\s*select\b/i.test(sql));
  return [...made, ...selects.map(({ sql }) => ({ sql, names: false }))];
}

export const tables: Benchmark = () => {
  const all = samples();
  let [parsed, agreed] = [0, 0];
  const missed: string[] = [];
  for (const { sql, names } of all) {
    const ours = tablesOf(sql);
    const theirs = parsedTables(sql);
    if (theirs !== undefined) parsed++;
    if (theirs?.join() === ours.join()) agreed++;
    if (ours.length === 0 && (names || (theirs !== undefined && theirs.length > 0))) missed.push(sql);
  }
  return Promise.resolve([
    {
      benchmark: "tables",
      what: "queries that name tables of which none is found; all queries",
      ours: String(missed.length),
      theirs: String(all.length),
      target: "0",
      met: missed.length === 0,
      ...missed[0] !== undefined && { note: `the first is ${missed[0]}` },
    },
    {
      benchmark: "tables",
      what: "queries whose tables are those that node-sql-parser finds; queries it can parse",
      ours: String(agreed),
      theirs: String(parsed),
      note: `they differ in ${parsed - agreed}`,
    },
  ]);
};
