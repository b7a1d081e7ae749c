/**
 * Programs that copy data out of a server, by the `program_name` they connect with. Their connections belong to a
 * dump whether they read, lock, or wait for each other.
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

/**
 * Shells that can dump too: what one of them reads may be a person's query, what it holds open may belong to a dump.
 */
const DUMP_SHELLS: ReadonlySet<unknown> = new Set(["mysqlsh"]);

/** Whether everything a program reads is part of a dump. */
export function isDumpProgram(program: unknown): boolean {
  return DUMP_PROGRAMS.has(nameOf(program));
}

/** Whether a connection of a program may be one of a dump that waits for the program's others. */
export function mayHoldDump(program: unknown): boolean {
  return isDumpProgram(program) || DUMP_SHELLS.has(nameOf(program));
}

/** Without the path that it was started by, and in lower case. */
function nameOf(program: unknown): unknown {
  return typeof program === "string" ? program.toLowerCase().replace(/^.*[/\\]/s, "") : program;
}
