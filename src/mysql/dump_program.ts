/**
 * Dump programs, by the `program_name` that they connect with. Their connections belong to a dump, whether they
 * read, hold locks or wait for each other.
 */
const DUMP_PROGRAMS: ReadonlySet<unknown> = new Set([
  "mysqldump",
  "mariadb-dump",
  "mysqlpump",
  "mydumper",
  "xtrabackup",
  "innobackupex",
  "mariabackup",
  "mariadb-backup",
  "mysqlbackup",
]);

/** Shells that can also dump. A running query may be a person's, but an idle connection may belong to a dump. */
const DUMP_SHELLS: ReadonlySet<unknown> = new Set(["mysqlsh"]);

/** Whether all statements of a program are part of a dump. */
export function isDumpProgram(program: unknown): boolean {
  return DUMP_PROGRAMS.has(nameOf(program));
}

/** Whether an idle connection of a program may belong to a dump in progress. */
export function mayHoldDump(program: unknown): boolean {
  return isDumpProgram(program) || DUMP_SHELLS.has(nameOf(program));
}

/** The name in lower case, without a path. */
function nameOf(program: unknown): unknown {
  return typeof program === "string" ? program.toLowerCase().replace(/^.*[/\\]/s, "") : program;
}
