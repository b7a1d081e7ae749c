import { assertEquals } from "@std/assert";
import { type Channel, channelOf, lagOf } from "../../src/snapshot/replication.ts";

const writable = { cluster: undefined, readOnly: false };

function channel(rest: Partial<Channel> = {}): Channel {
  return { name: "", receiving: true, applying: true, behind: 0, delay: 0, ...rest };
}

Deno.test("lagOf() is the worst channel, in milliseconds", () => {
  assertEquals(lagOf([channel({ behind: 3 }), channel({ name: "b", behind: 7 })], writable), 7000);
});

Deno.test("lagOf() counts from the delay that was asked for", () => {
  assertEquals(lagOf([channel({ behind: 3605, delay: 3600 })], writable), 5000);
  assertEquals(lagOf([channel({ behind: 10, delay: 3600 })], writable), 0);
});

Deno.test("lagOf() without a channel is 0 only on a writable server that follows nobody", () => {
  assertEquals(lagOf([], writable), 0);
  assertEquals(lagOf([], { ...writable, readOnly: true }), {
    unknown: "the server is read-only and has no replication channel",
  });
  assertEquals(lagOf([], { ...writable, cluster: "galera" }), {
    unknown: "galera does not show its lag in the replica status",
  });
});

Deno.test("lagOf() is unknown where any channel is stopped or does not know", () => {
  const healthy = channel({ name: "a", behind: 100 });
  const unknown = (rest: Partial<Channel>) => lagOf([healthy, channel({ name: "b", ...rest })], writable);
  assertEquals(unknown({ applying: false }), { unknown: 'the channel "b" does not apply' });
  assertEquals(unknown({ receiving: false }), { unknown: 'the channel "b" does not receive' });
  assertEquals(unknown({ behind: null }), { unknown: 'the channel "b" does not know its lag' });
  assertEquals(lagOf([channel({ applying: false })], writable), { unknown: "replication does not apply" });
});

Deno.test("channelOf() reads the columns of all versions", () => {
  const expected = channel({ name: "c", behind: 7, delay: 5 });
  assertEquals(
    channelOf({
      Channel_Name: "c",
      Replica_IO_Running: "Yes",
      Replica_SQL_Running: "Yes",
      Seconds_Behind_Source: "7",
      SQL_Delay: 5,
    }),
    expected,
  );
  assertEquals(
    channelOf({
      Connection_name: "c",
      Slave_IO_Running: "Yes",
      Slave_SQL_Running: "Yes",
      Seconds_Behind_Master: 7,
      SQL_Delay: "5",
    }),
    expected,
  );
  const connecting = channelOf({
    Slave_IO_Running: "Connecting",
    Slave_SQL_Running: "Yes",
    Seconds_Behind_Master: null,
  });
  assertEquals(connecting, channel({ receiving: false, behind: null }));
});
