import type { Row } from "../../connection/mod.ts";
import type { Channel, GroupMember } from "./channel.ts";
import { filePosition, gtidListPosition, type Position } from "./position.ts";
import { parseGtidSet, unionOfGtidSets } from "./gtid_set.ts";

/** MariaDB's GTID variables, as text; absent on MySQL. */
export interface OwnPositions {
  /** `@@gtid_slave_pos`: what was applied. */
  readonly slavePos?: string;
  /** `@@gtid_current_pos`: what was applied or written here. */
  readonly currentPos?: string;
}

/** The channel on which a group member gets the group's transactions. */
export const GROUP_CHANNEL = "group_replication_applier";
/** The channel on which it gets older transactions while it joins. */
export const RECOVERY_CHANNEL = "group_replication_recovery";

/** The replica status shows almost nothing about a group member. */
const NOT_SHOWN: GroupMember = {
  state: "not shown, since its performance schema is off",
  primary: false,
  members: 0,
  unreachable: 0,
  certifying: 0,
};

/** Reads a row of the replica status, with either the old or the new column names. */
export function channelOfStatus(row: Row, own: OwnPositions): Channel {
  const value = (...names: readonly string[]) =>
    names.map((name) => row[name]).find((each) => each !== undefined) ?? null;
  const text = (...names: readonly string[]) => String(value(...names) ?? "");
  const number = (...names: readonly string[]) => Number(value(...names) ?? 0);
  const behind = value("Seconds_Behind_Source", "Seconds_Behind_Master");
  const receiving = text("Replica_IO_Running", "Slave_IO_Running");
  const name = text("Channel_Name", "Connection_name");
  const isGroup = name === GROUP_CHANNEL;
  return {
    name,
    source: {
      uuid: text("Source_UUID", "Master_UUID"),
      serverId: number("Source_Server_Id", "Master_Server_Id"),
      address: isGroup
        ? "group: members not shown"
        : `${text("Source_Host", "Master_Host")}:${text("Source_Port", "Master_Port")}`,
    },
    receiving: receiving === "Yes" ? "on" : receiving === "No" || receiving === "" ? "off" : "connecting",
    applying: text("Replica_SQL_Running", "Slave_SQL_Running") === "Yes",
    errors: { receiving: number("Last_IO_Errno"), applying: number("Last_SQL_Errno") },
    failedTransaction: "",
    ...positionsOf(row, own),
    delay: number("SQL_Delay") * 1000,
    waitsForDelay: value("SQL_Remaining_Delay") !== null,
    behind: behind === null ? null : Number(behind) * 1000,
    timestamps: undefined,
    heartbeatInterval: number("Slave_heartbeat_period") * 1000,
    silent: undefined,
    heard: [
      text("Slave_received_heartbeats"),
      text("Source_Log_File", "Master_Log_File"),
      text("Read_Source_Log_Pos", "Read_Master_Log_Pos"),
      text("Gtid_IO_Pos", "Retrieved_Gtid_Set"),
    ].join(" "),
    ...isGroup && { group: NOT_SHOWN },
  };
}

function positionsOf(row: Row, own: OwnPositions): Pick<Channel, "received" | "executed"> {
  const usingGtid = row["Using_Gtid"] ?? "No";
  if (usingGtid !== "No") {
    const filter = {
      only: domainsOf(row["Replicate_Do_Domain_Ids"]),
      except: domainsOf(row["Replicate_Ignore_Domain_Ids"]),
    };
    const executed = usingGtid === "Current_Pos" ? own.currentPos : own.slavePos;
    return {
      received: gtidListPosition(String(row["Gtid_IO_Pos"] ?? ""), filter),
      executed: gtidListPosition(executed ?? "", filter),
    };
  }
  if (Number(row["Auto_Position"] ?? 0) === 1) return setsOf(row);
  const position = (file: string, offset: string) =>
    filePosition(
      String(row[file] ?? row[file.replace("Source", "Master")] ?? ""),
      Number(row[offset] ?? row[offset.replace("Source", "Master")] ?? Number.NaN),
    );
  return {
    received: position("Source_Log_File", "Read_Source_Log_Pos"),
    executed: position("Relay_Source_Log_File", "Exec_Source_Log_Pos"),
  };
}

function setsOf(row: Row): Pick<Channel, "received" | "executed"> {
  const executed = parseGtidSet(String(row["Executed_Gtid_Set"] ?? ""));
  const received = parseGtidSet(String(row["Retrieved_Gtid_Set"] ?? ""));
  const position = (set: typeof executed): Position | undefined => set && { kind: "gtid_set", set };
  return {
    received: position(executed && received && unionOfGtidSets(received, executed)),
    executed: position(executed),
  };
}

function domainsOf(list: Row[string] | undefined): readonly string[] {
  return String(list ?? "").split(",").map((each) => each.trim()).filter((each) => each !== "");
}
