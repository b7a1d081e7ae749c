import { assert, assertEquals } from "@std/assert";
import { NodeExporter } from "../../../src/shards/metrics/node_exporter.ts";
import type { Clock } from "../../../src/clock.ts";

/** A clock that is set by hand. */
class SetClock implements Clock {
  time = 0;
  now = () => this.time;
  wall = () => this.time;
  sleep = () => Promise.resolve();
}

/** What answers in place of a node_exporter. */
function standIn(answer: (request: Request) => Response | Promise<Response>) {
  const end = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: end.signal };
  const server = Deno.serve(options, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/metrics`,
    [Symbol.dispose]: () => end.abort(),
  };
}

interface Host {
  readonly busy?: number;
  readonly idle?: number;
  readonly processors?: number;
  readonly more?: readonly string[];
}

function textOf({ busy = 10, idle = 90, processors = 2, more = [] }: Host = {}): string {
  return [
    "# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.",
    "# TYPE node_cpu_seconds_total counter",
    ...Array.from({ length: processors }, (_, cpu) => [
      `node_cpu_seconds_total{cpu="${cpu}",mode="idle"} ${idle}`,
      `node_cpu_seconds_total{cpu="${cpu}",mode="iowait"} 1`,
      `node_cpu_seconds_total{cpu="${cpu}",mode="user"} ${busy}`,
    ]).flat(),
    "node_memory_MemTotal_bytes 8e9",
    "node_memory_MemAvailable_bytes 6e9",
    'node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1000',
    'node_filesystem_free_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 900',
    'node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 850',
    'node_filesystem_size_bytes{device="/dev/sdb",fstype="xfs",mountpoint="/var/lib/mysql"} 1000',
    'node_filesystem_free_bytes{device="/dev/sdb",fstype="xfs",mountpoint="/var/lib/mysql"} 250',
    'node_filesystem_avail_bytes{device="/dev/sdb",fstype="xfs",mountpoint="/var/lib/mysql"} 250',
    ...more,
  ].join("\n");
}

Deno.test("a node_exporter tells memory and disk at once, and the processors from the second look on", async () => {
  let host: Host = {};
  const clock = new SetClock();
  using server = standIn(() => new Response(textOf(host)));
  const exporter = new NodeExporter(server.url, { clock });
  assertEquals(await exporter.read("/var/lib/mysql/"), {
    cpu: { unknown: "node_exporter: it takes two looks" },
    memory: 25,
    disk: 75,
  });
  clock.time = 10_000;
  host = { busy: 17, idle: 93 };
  // 7 seconds of 10 were busy, on each of two processors.
  assertEquals((await exporter.read("/var/lib/mysql/")).cpu, 70);
  assertEquals((await exporter.read("/srv/data")).disk, 10.53, "of /, as df tells it: 100 of 950");
  clock.time = 20_000;
  host = { busy: 1, idle: 2 };
  assertEquals((await exporter.read("/srv/data")).cpu, {
    unknown: "node_exporter: its counters have begun anew",
  });
  clock.time = 30_000;
  host = { busy: 3, idle: 10, processors: 4 };
  assertEquals((await exporter.read("/srv/data")).cpu, {
    unknown: "node_exporter: its counters have begun anew",
  });
});

Deno.test("two looks at once do not hide what is between them", async () => {
  let host: Host = {};
  const clock = new SetClock();
  using server = standIn(() => new Response(textOf(host)));
  const exporter = new NodeExporter(server.url, { clock });
  await exporter.read("/");
  clock.time = 100;
  assertEquals((await exporter.read("/")).cpu, { unknown: "node_exporter: the last look was just now" });
  clock.time = 5000;
  host = { busy: 15, idle: 90 };
  assertEquals((await exporter.read("/")).cpu, 100);
});

Deno.test("what a node_exporter does not tell is unknown, one by one", async () => {
  let text = "";
  using server = standIn(() => new Response(text));
  const read = async (datadir?: string) =>
    await new NodeExporter(server.url, { clock: new SetClock() }).read(datadir);
  text = textOf().replaceAll(/^node_memory_MemAvailable.*\n/gm, "").replaceAll(
    'mountpoint="/"',
    'mountpoint="/boot"',
  );
  assertEquals(await read("/srv/data"), {
    cpu: { unknown: "node_exporter: it takes two looks" },
    memory: { unknown: "node_exporter: it does not tell how much memory is available" },
    disk: { unknown: "node_exporter: it tells of no file system with the data" },
  });
  assertEquals((await read("/var/lib/mysql-2/")).disk, {
    unknown: "node_exporter: it tells of no file system with the data",
  });
  text = `${textOf()}\nnode_filesystem_size_bytes{device="/dev/sdc",mountpoint="/var/lib/mysql"} 5\n`;
  assertEquals((await read("/var/lib/mysql")).disk, {
    unknown: "node_exporter: two file systems are mounted over the data",
  });
  assertEquals((await read()).disk, { unknown: "the server does not tell where its data is" });
  text = "node_memory_MemTotal_bytes 5\nnode_memory_MemAvailable_bytes 10\n";
  assertEquals(await read("/"), {
    cpu: { unknown: "node_exporter: it tells no times of processors" },
    memory: { unknown: "its values make no sense" },
    disk: { unknown: "node_exporter: it tells of no file system with the data" },
  });
});

Deno.test("a hostile, hanging or absent node_exporter makes its values unknown, and no more", async () => {
  const never = new Promise<Response>(() => {});
  const endless = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20).fill(97)) }),
    );
  const rows: readonly (readonly [() => Response | Promise<Response>, string])[] = [
    [() => new Response("no", { status: 500 }), "node_exporter: it answers with status 500"],
    [() => Response.redirect("http://127.0.0.1:1/", 302), "node_exporter: it answers with status 302"],
    [endless, "node_exporter: its answer is too long"],
    [() => never, "node_exporter: no answer within 0.3s"],
    [
      () => new Response(new ReadableStream({ pull: () => never.then(() => {}) })),
      "node_exporter: no answer within 0.3s",
    ],
  ];
  for (const [answer, unknown] of rows) {
    using server = standIn(answer);
    const exporter = new NodeExporter(server.url, {
      clock: new SetClock(),
      timeout: unknown.includes("0.3s") ? 300 : 5000,
    });
    const { cpu, memory, disk } = await exporter.read("/");
    assertEquals([cpu, memory, disk], [{ unknown }, { unknown }, { unknown }]);
  }
  const gone = new NodeExporter("http://127.0.0.1:1/metrics", { clock: new SetClock() });
  assertEquals((await gone.read("/")).memory, { unknown: "node_exporter: it cannot be reached" });
});

Deno.test("no text of a node_exporter comes into a reason", async () => {
  using server = standIn(() => new Response("secret\u001b[31m", { status: 418, statusText: "secret" }));
  const { memory } = await new NodeExporter(server.url, { clock: new SetClock() }).read("/");
  assert(!JSON.stringify(memory).includes("secret"));
});
