import { assertEquals } from "@std/assert";
import { Dumper } from "../../../src/app/proxysql/dumper.ts";
import { systemClock as clock } from "../../../src/clock.ts";
import { Folder, load, required } from "../../config/folder.ts";
import { ProxysqlStandIn } from "../../lab/proxysql/stand_in.ts";
import { adminOf, recordOf } from "../../proxysql/fixture.ts";

Deno.test("a dump that is written counts as that, though those before it cannot be tidied, which is told once", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const stuck = folder.file("dumps/digests-2020-01-01T000000Z-000000000000.jsonl.gz");
  await Deno.mkdir(`${stuck}/full`, { recursive: true });
  await Deno.utime(stuck, 0, 0);
  const { proxies: [config] } = await load({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": "proxysql: { user: radmin, password: radmin }\n",
  }, required());
  const digests = { ...config!.digests, folder: folder.file("dumps"), state: folder.file("state.sqlite") };
  const told: string[] = [];
  const dumper = new Dumper({
    ...{ config: { ...config!, digests }, clock, tags: [], pod: null, intend: recordOf().intend },
    tell: ({ event, state }) => void told.push(`${event} ${state}`),
  });
  const { admin } = adminOf(proxy);
  await using _closed = admin;
  await dumper.dump(admin);
  await dumper.dump(admin);
  assertEquals(told, ["proxysql-dump written", "proxysql-dump untidied", "proxysql-dump written"]);
  assertEquals(dumper.counts, { dumps: 2, failed_dumps: 0, purges: 0 });
});
