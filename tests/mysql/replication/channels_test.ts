import { assertEquals } from "@std/assert";
import { channelOfStatus } from "../../../src/mysql/replication/channel_status.ts";
import { channelOfTables } from "../../../src/mysql/replication/channels.ts";
import { gtidListPosition } from "../../../src/mysql/replication/position.ts";

Deno.test("channelOfStatus() reads the columns of all versions", () => {
  const mysql = channelOfStatus({
    Channel_Name: "c",
    Source_UUID: "u",
    Source_Server_Id: "1",
    Source_Host: "h",
    Source_Port: "3306",
    Replica_IO_Running: "Yes",
    Replica_SQL_Running: "Yes",
    Seconds_Behind_Source: "7",
    SQL_Delay: 5,
    SQL_Remaining_Delay: null,
    Source_Log_File: "bin.000002",
    Read_Source_Log_Pos: 900,
    Relay_Source_Log_File: "bin.000001",
    Exec_Source_Log_Pos: "800",
  }, {});
  assertEquals(mysql.received, { kind: "file", base: "bin", number: 2, offset: 900 });
  assertEquals(mysql.executed, { kind: "file", base: "bin", number: 1, offset: 800 });
  assertEquals([mysql.name, mysql.behind, mysql.delay, mysql.source.address], ["c", 7000, 5000, "h:3306"]);
  const mariadb = (rest: Record<string, string | null>) =>
    channelOfStatus({
      Connection_name: "c",
      Slave_IO_Running: "Yes",
      Slave_SQL_Running: "Yes",
      Seconds_Behind_Master: null,
      Using_Gtid: "Slave_Pos",
      Gtid_IO_Pos: "0-1-9",
      Gtid_Slave_Pos: "0-2-99",
      Replicate_Do_Domain_Ids: "",
      Replicate_Ignore_Domain_Ids: "3, 4",
      ...rest,
    }, { slavePos: "0-1-8", currentPos: "0-2-99" });
  const filter = { only: [], except: ["3", "4"] };
  assertEquals(mariadb({}).executed, gtidListPosition("0-1-8", filter));
  assertEquals(mariadb({ Using_Gtid: "Current_Pos" }).executed, gtidListPosition("0-2-99", filter));
  assertEquals(mariadb({}).received, gtidListPosition("0-1-9", filter));
  assertEquals(mariadb({}).behind, null);
  assertEquals(mariadb({ Slave_IO_Running: "Connecting" }).receiving, "connecting");
  assertEquals(mariadb({ Slave_IO_Running: "No" }).receiving, "off");
});

Deno.test("channelOfTables() reads a row of the performance schema", () => {
  const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  const row = {
    name: "c",
    host: "h",
    port: 3306,
    auto_position: "1",
    heartbeat_interval: "30.000",
    source_uuid: uuid,
    receiving: "CONNECTING",
    received: `${uuid}:1-9`,
    executed: `${uuid}:1-3`,
    receive_error: 0,
    delay: 5,
    applying: "OFF",
    remaining_delay: null,
    now: "1000.5",
    heartbeat: "990.5",
    has_queued: 1,
    last_committed: "980.25",
    last_queued: "980.5",
    queueing: null,
    worker_error: 1062,
    failed: `${uuid}:4`,
    worker_oldest: "970.5",
    coordinator_error: 1756,
    coordinator_oldest: null,
  };
  const read = channelOfTables(row);
  assertEquals([read.receiving, read.applying, read.delay, read.silent], ["connecting", false, 5000, 10_000]);
  assertEquals([read.errors.applying, read.failedTransaction], [1062, `${uuid}:4`]);
  assertEquals(read.timestamps?.applying, 970_500);
  assertEquals(read.received, { kind: "gtid_set", set: { [uuid]: [[1, 9]] } });
  assertEquals(channelOfTables({ ...row, auto_position: "0" }).received, undefined);
  assertEquals(channelOfTables({ ...row, last_committed: "0.000000" }).timestamps, undefined);
  assertEquals(channelOfTables({ ...row, failed: "Duplicate entry 'secret'" }).failedTransaction, "");
});

Deno.test("a group's channel in the replica status is no link to a server, and its member is not known", () => {
  const { source, group } = channelOfStatus({
    Channel_Name: "group_replication_applier",
    Source_Host: "<NULL>",
    Source_Port: 0,
    Replica_IO_Running: "Yes",
    Replica_SQL_Running: "Yes",
    Seconds_Behind_Source: "0",
  }, {});
  assertEquals(source.address, "group: members not shown");
  assertEquals(group?.state, "not shown, since its performance schema is off");
});
