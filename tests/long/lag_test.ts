import { assert, assertEquals, assertMatch } from "@std/assert";
import { isUnknown } from "../../src/language/mod.ts";
import { sourceOf } from "../../src/mysql/replication/channel.ts";
import { readHeartbeatTable } from "../../src/mysql/replication/heartbeat_table.ts";
import type { Replication } from "../../src/mysql/replication/lag.ts";
import { ACCOUNTS, caughtUp, Client } from "../lab/mod.ts";
import { type Case, onEachFlavor } from "../integration/fixture.ts";
import {
  change,
  type Look,
  Observer,
  pause,
  startWriter,
  throughSlowLink,
  words,
} from "../integration/lag_observer.ts";

/** How far a measured lag is from the truth, in milliseconds; infinite where it is unknown. */
function errorOf(lag: Replication["lag"], truth: number): number {
  return isUnknown(lag) ? Number.POSITIVE_INFINITY : Math.abs(lag - truth);
}

function number(lag: Replication["lag"]): number {
  return isUnknown(lag) ? Number.NaN : lag;
}

/** Everything of a look, to print where a test fails. */
function described(look: Look): string {
  return JSON.stringify(look, null, 1);
}

const CASES: readonly Case[] = [
  ["a slow link: the lag of fetching is seen, which the replica status is blind to", async (pair) => {
    await using _writer = await startWriter(pair.primary);
    await using link = await throughSlowLink(pair);
    await caughtUp(pair);
    await using observer = await Observer.open(pair);
    await observer.until(
      "no lag, by what came through the link",
      ({ watched, channel: { timestamps } }) =>
        number(watched.lag) < 500 && (timestamps === undefined || timestamps.lastQueued !== undefined),
    );
    link.limit(8_000);
    const looks: Look[] = [];
    await observer.until("a lag of 5 s", (look) => {
      if (look.truth > 2000) looks.push(look);
      return look.truth > 5000;
    });
    for (const look of looks) {
      const { watched, alone, truth } = look;
      assert(errorOf(watched.lag, truth) < 1000, described(look));
      assert(number(watched.lag_fetch) > truth - 1000, described(look));
      assert(number(watched.lag_apply) < 1000, described(look));
      assertEquals(watched.methods.lag, "source positions");
      if (pair.flavor === "mysql") {
        assert(errorOf(alone.lag, truth) < 1000, described(look));
        assertEquals(alone.methods.lag, "commit timestamps");
      } else {
        assert(isUnknown(alone.lag_fetch));
      }
    }
    assert(
      looks.some(({ status, truth }) => status !== null && status < truth - 2000),
      "the status is blind",
    );
    link.limit(Number.POSITIVE_INFINITY);
    await observer.until("no lag", ({ watched }) => number(watched.lag) < 500);
  }],

  ["a link that hangs: the source's positions still tell, nothing else does", async (pair) => {
    await using writer = await startWriter(pair.primary);
    await using link = await throughSlowLink(pair, "HEARTBEAT_PERIOD = 1");
    await caughtUp(pair);
    await using observer = await Observer.open(pair);
    await observer.until("no lag", ({ watched }) => number(watched.lag) < 500);
    link.limit(0);
    const look = await observer.until("silence", ({ channel }) => channel.silent! > 2500);
    assert(errorOf(look.watched.lag, look.truth) < 1000, described(look));
    assert(isUnknown(look.alone.lag) && look.alone.lag.unknown.includes("heartbeat"), described(look));
    assert(isUnknown(look.alone.lag_fetch), described(look));
    assertEquals(look.alone.replication_running, true, "as far as the server knows");
    link.limit(Number.POSITIVE_INFINITY);
    await writer[Symbol.asyncDispose]();
    await caughtUp(pair);
    await pause(3000);
    const idle = await observer.until("no lag", ({ alone }) => number(alone.lag) === 0);
    assertEquals([idle.watched.lag, idle.watched.lag_fetch, idle.watched.lag_apply], [0, 0, 0]);
  }],

  ["a reader that holds up the applier: the lag of applying", async (pair) => {
    await using _writer = await startWriter(pair.primary);
    await caughtUp(pair);
    await using observer = await Observer.open(pair);
    await observer.until("no lag", ({ watched }) => number(watched.lag) < 500);
    await using reader = await Client.connect(pair.replica, ACCOUNTS.app, { database: "test" });
    await using root = await Client.connect(pair.primary);
    await reader.query("START TRANSACTION");
    await reader.query("SELECT COUNT(*) FROM item");
    await root.query("ALTER TABLE test.item COMMENT = 'held up'");
    const looks: Look[] = [];
    await observer.until("a lag of 4 s", (look) => {
      if (look.truth > 1500) looks.push(look);
      return look.truth > 4000;
    });
    for (const look of looks) {
      for (const { lag, lag_fetch, lag_apply } of [look.watched, look.alone]) {
        assert(errorOf(lag, look.truth) < (lag === look.watched.lag ? 1000 : 2000), described(look));
        assert(number(lag_apply) > look.truth - 2000, described(look));
        assert(!(number(lag_fetch) > 500), described(look));
      }
    }
    await reader.query("COMMIT");
    await observer.until("no lag", ({ watched }) => number(watched.lag) < 500);
  }],

  ["an applier that stopped: unknown, with the number of the error and no literal", async (pair) => {
    await using observer = await Observer.open(pair);
    await using primary = await Client.connect(pair.primary);
    await using replica = await Client.connect(pair.replica);
    if (pair.flavor === "mysql") await replica.query("SET GLOBAL super_read_only = OFF");
    await replica.query("SET SESSION sql_log_bin = 0");
    await replica.query("INSERT INTO test.config VALUES ('secret-4711', 'here')");
    await primary.query("INSERT INTO test.config VALUES ('secret-4711', 'there')");
    const look = await observer.until("the end of the applier", ({ channel }) => !channel.applying);
    for (const { lag, lag_apply, lag_fetch, replication_running, replica } of [look.watched, look.alone]) {
      assertEquals([replica, replication_running], [true, false]);
      assert(isUnknown(lag) && isUnknown(lag_apply));
      assertMatch(lag.unknown, /^replication does not apply: error 1062(?: in [0-9a-f-]{36}:[0-9]+)?$/);
      assertEquals(lag_apply, lag);
      assert(look.alone.lag_fetch === lag_fetch || lag_fetch === 0, described(look));
    }
    assertEquals(described(look).includes("secret-4711"), false);
    await replica.query("DELETE FROM test.config WHERE name = 'secret-4711'");
    if (pair.flavor === "mysql") await replica.query("SET GLOBAL super_read_only = ON");
    await replica.query(`START ${words(pair).replica}`);
    await caughtUp(pair);
    await replica.query(`STOP ${words(pair).replica} IO_THREAD`);
    const { watched } = await observer.look();
    assertEquals(watched.lag, { unknown: "replication does not receive" });
    assertEquals(watched.lag_fetch, { unknown: "replication does not receive" });
    await replica.query(`START ${words(pair).replica}`);
    await observer.until("no lag", ({ watched }) => watched.lag === 0);
  }],

  ["a replica that is to be behind: what it is beyond its delay", async (pair) => {
    await using _writer = await startWriter(pair.primary);
    await caughtUp(pair);
    await change(pair, "DELAY = 3");
    await using observer = await Observer.open(pair);
    const looks: Look[] = [];
    const start = performance.now();
    await observer.until("6 s", (look) => {
      if (look.truth > 2500) looks.push(look);
      return performance.now() - start > 6000;
    });
    assert(looks.length > 10);
    for (const look of looks) {
      assertEquals(look.channel.delay, 3000);
      // The servers count the delay in whole seconds, and the difference of their clocks too.
      assert(number(look.watched.lag) < 2500 && number(look.watched.lag_apply) < 2500, described(look));
      assert(number(look.alone.lag) < 2500 && look.truth > 2500, described(look));
    }
    await change(pair, "DELAY = 0");
  }],

  ["a replica that follows by file and offset", async (pair) => {
    await caughtUp(pair);
    const [off, on] = pair.flavor === "mysql"
      ? ["AUTO_POSITION = 0", "AUTO_POSITION = 1"]
      : ["USE_GTID = no", "USE_GTID = slave_pos"];
    await using root = await Client.connect(pair.primary);
    // While nobody writes: where the source is, is where the replica has to go on.
    const [at] = await root.query(pair.flavor === "mysql" ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
    await using link = await throughSlowLink(
      pair,
      off!,
      `LOG_FILE = '${at!["File"]}'`,
      `LOG_POS = ${at!["Position"]}`,
    );
    await using _writer = await startWriter(pair.primary);
    await using observer = await Observer.open(pair);
    await observer.until("the link", ({ channel }) => channel.receiving === "on");
    observer.file = true;
    await root.query("FLUSH BINARY LOGS");
    const healthy = await observer.until("no lag", ({ watched }) => {
      return number(watched.lag) < 500 && watched.methods.lag === "source positions";
    });
    assertEquals(healthy.channel.received?.kind, "file");
    link.limit(0);
    const look = await observer.until("a lag of 3 s", ({ truth }) => truth > 3000);
    assert(errorOf(look.watched.lag, look.truth) < 1000, described(look));
    assert(number(look.watched.lag_fetch) > look.truth - 1000, described(look));
    link.limit(Number.POSITIVE_INFINITY);
    await change(pair, on!);
    await caughtUp(pair);
  }],

  ["heartbeats of pt-heartbeat, in the source's time zone or in UTC, are read like our own", async (pair) => {
    await using root = await Client.connect(pair.primary);
    await root.query("CREATE TABLE test.beats (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY)");
    await root.query("GRANT SELECT ON test.beats TO sniper@'%'");
    await using observer = await Observer.open(pair);
    const { watching } = observer.replica;
    for (const now of ["NOW(6)", "UTC_TIMESTAMP(6)"]) {
      await root.query("SET SESSION time_zone = 'SYSTEM'");
      await root.query(
        `REPLACE INTO test.beats VALUES (DATE_FORMAT(${now}, '%Y-%m-%dT%H:%i:%s.%f'), @@server_id)`,
      );
      await caughtUp(pair);
      const [beat] = await readHeartbeatTable(watching, "test.beats");
      assert(beat?.serverId === 1 && beat.age >= 0 && beat.age < 2000, JSON.stringify(beat));
      // As if the session's zone were another than the one that the beats are written in.
      await watching.query("SET SESSION time_zone = '+05:30'");
      const [elsewhere] = await readHeartbeatTable(watching, "test.beats");
      await watching.query("SET SESSION time_zone = 'SYSTEM'");
      assert(elsewhere!.age < 4000, JSON.stringify(elsewhere));
    }
    await root.query("DROP TABLE test.beats");
  }],

  ["the source of a channel is found among the watched databases", async (pair) => {
    await using observer = await Observer.open(pair);
    const { channel } = await observer.look();
    const { serverId } = observer.source.capabilities.replication;
    const source = {
      name: "primary",
      server: observer.sourceName,
      serverId,
      addresses: [`127.0.0.1:${pair.primary.port}`],
    };
    const other = { ...source, name: "other", server: "another", addresses: ["10.0.0.1:3306"] };
    assertEquals(sourceOf(channel, [other, source])?.name, "primary");
    assertEquals(sourceOf(channel, [other]), undefined);
    assertEquals(sourceOf(channel, [source, source]), undefined);
  }],
];

await onEachFlavor("true lag", CASES);
