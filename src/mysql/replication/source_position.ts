import type { Capabilities } from "../capabilities.ts";
import type { HealthRead, OwnStatement, ReadResult } from "../reads/health_read.ts";
import { filePosition, gtidListPosition, gtidSetPosition, type Position } from "./position.ts";

/** Which positions of a source to read. */
export interface SourcePositionOptions {
  /** Whether a replica uses file positions. Reading these takes a lock on the binary log. */
  readonly file: boolean;
}

/**
 * Reads the position of a server's own stream, in all kinds that are needed and available; none if it writes no
 * binary log.
 */
export function readSourcePosition({ file }: SourcePositionOptions): HealthRead {
  return {
    names: [],
    variables: ({ replication }) => file && replication.binaryLog === "binlog_snapshot" ? SNAPSHOT : [],
    columns: ({ replication: { gtids } }) => gtids === undefined ? {} : { source_gtids: `@@global.${gtids}` },
    statement: ({ replication: { binaryLog } }): OwnStatement | undefined =>
      !file || binaryLog === undefined || binaryLog === "binlog_snapshot"
        ? undefined
        : { sql: binaryLog, joinable: false },
    values: (found, { capabilities }) => ({ positions: positionsOf(found, capabilities) }),
  };
}

const SNAPSHOT = ["Binlog_snapshot_file", "Binlog_snapshot_position"] as const;

function positionsOf(
  { row, rows: [status], text }: ReadResult,
  { replication }: Capabilities,
): readonly Position[] {
  const gtids = String(row["source_gtids"] ?? "");
  const [file, offset] = status === undefined ? SNAPSHOT.map(text) : [status["File"], status["Position"]];
  return [
    replication.gtids === "gtid_executed" ? gtidSetPosition(gtids) : gtidListPosition(gtids),
    filePosition(String(file ?? ""), Number(offset ?? Number.NaN)),
  ].filter((position) => position !== undefined);
}
