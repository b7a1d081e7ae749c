import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { RecordedLook, RecordingHeader } from "../../src/recording/recording.ts";
import { readRecording, RecordingError } from "../../src/recording/recording_reader.ts";
import { newRecordingWriter, type RecordingWriter } from "../../src/recording/recording_writer.ts";
import { Secret } from "../../src/text/secret.ts";
import { expression, policy, rules, session } from "../policy/fixture.ts";
import { lookAt, recordedLook, recordOf } from "./recording_fixture.ts";

const HEADER: Omit<RecordingHeader, "recording"> = {
  version: "0.1.0",
  at: "2026-11-21T10:00:00.000Z",
  databases: [{ name: "shop", names: ["user"], clauses: [] }],
};

async function inFolder(run: (file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(join(folder, "recording.jsonl.gz"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function write(file: string, max = 1e9): Promise<RecordingWriter> {
  return newRecordingWriter(file, { max, header: HEADER });
}

/** What is read of a file: how many looks, and whether it is whole. */
async function read(file: string): Promise<readonly [looks: readonly RecordedLook[], whole: boolean]> {
  const recording = await readRecording(file);
  const looks = await Array.fromAsync(recording.looks);
  return [looks, recording.isWhole()];
}

Deno.test("a recording is read as it was written, and only its owner may", () =>
  inFolder(async (file) => {
    const looks = [await recordedLook([session()]), await recordedLook([session({ running: false })], 1000)];
    const writer = await write(file);
    // At the same time, as from two databases.
    assertEquals(await Promise.all(looks.map((look) => writer.write(look))), [true, true]);
    await writer.close("SIGINT");
    assertEquals(await writer.write(looks[0]!), false, "it is ended");
    assertEquals(await read(file), [looks, true]);
    const { mode, size } = await Deno.stat(file);
    assertEquals([(mode ?? 0) & 0o777, size], [0o600, writer.bytes]);
    const { header } = await readRecording(file);
    assertEquals(header, { recording: 1, ...HEADER });
    await assertRejects(() => write(file), Deno.errors.AlreadyExists);
  }));

Deno.test("a recording is whole up to what was written last, whatever ends it", () =>
  inFolder(async (file) => {
    const writer = await write(file);
    const sizes = [writer.bytes];
    for (let now = 0; now < 3; now++) {
      await writer.write(await recordedLook([session()], now));
      sizes.push(writer.bytes);
    }
    const bytes = await Deno.readFile(file);
    await writer.close("SIGINT");
    for (const [count, size] of sizes.entries()) {
      await Deno.writeFile(file, bytes.subarray(0, size));
      assertEquals((await read(file))[0].length, count);
      assertEquals((await read(file))[1], false);
    }
    await Deno.writeFile(file, bytes.subarray(0, sizes[2]! + 5));
    assertEquals((await read(file))[0].length, 2);
  }));

Deno.test("a recording never becomes larger than it may", () =>
  inFolder(async (file) => {
    const writer = await write(file, 64 * 1024);
    let count = 0;
    while (await writer.write(await recordedLook(Array.from({ length: 20 }, random), count))) count++;
    await writer.close("--max-size");
    const { size } = await Deno.stat(file);
    assert(size <= 64 * 1024 && size > 32 * 1024, `${size} bytes`);
    assertEquals((await read(file))[0].length, count);
  }));

/** A session that compresses badly. */
function random(): ReturnType<typeof session> {
  return session({ user: crypto.randomUUID(), host: crypto.randomUUID(), state: crypto.randomUUID() });
}

Deno.test("what is no recording is refused in words", () =>
  inFolder(async (file) => {
    const [look] = [await recordedLook([session()])];
    const header = { recording: 1, ...HEADER };
    const lines = (...values: readonly unknown[]) =>
      gzipSync(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
    const cases: readonly (readonly [bytes: Uint8Array, message: string])[] = [
      [new Uint8Array(), "it is no recording of query-sniper, or it is damaged"],
      [new TextEncoder().encode("hello"), "it is no recording of query-sniper, or it is damaged"],
      [
        lines(header, look).map((byte, at) => at > 20 ? 255 : byte),
        "it is no recording of query-sniper, or it is damaged",
      ],
      [gzipSync("hello\n"), "it is no recording of query-sniper, or it is damaged"],
      [lines([1]), "it is no recording of query-sniper, or it is damaged"],
      [lines({ ...header, recording: 2 }), "only recordings of format 1 can be read here: it has format 2"],
      [lines({ ...header, databases: 1 }), "its first line is not as query-sniper writes it"],
      [lines(header, { ...look, sessions: [{ values: {} }] }), "its line 2 is not as query-sniper writes it"],
      [lines(header, look, 7), "its line 3 is not as query-sniper writes it"],
      [gzipSync(`${JSON.stringify(header)}\nhello\n`), "its line 2 is not as query-sniper writes it"],
    ];
    for (const [bytes, message] of cases) {
      await Deno.writeFile(file, bytes);
      await assertRejects(() => read(file), RecordingError, message);
    }
    await Deno.remove(file);
    await assertRejects(() => read(file), Deno.errors.NotFound);
  }));

const SECRET = "SELECT * FROM accounts WHERE name = 'sesame' AND id = 4711 /* sesame */";

Deno.test("a recording has no literal of a statement, and the truth of what policies ask of it", async () => {
  const asked = rules([policy({ where: "running and sql like '%4711%' and sql not like 'x%'" })], {
    protect: [expression("sql matches 'ses.me'", "session")],
  });
  const { kept, record } = recordOf(asked);
  const hasty = session({ id: 2, sql: SECRET, execution: SECRET });
  const cut = { ...session({ id: 3, sql: SECRET }), sql: { text: new Secret(SECRET), cut: true } };
  const recorded = record(await lookAt({ now: 0, health: {}, sessions: [hasty, cut] }, asked), 0);
  assertEquals(kept.clauses, ["sql like '%4711%'", "sql not like 'x%'", "sql matches 'ses.me'"]);
  assert(kept.names.includes("verb") && !kept.names.includes("sql"));
  const [first, second] = recorded.sessions!;
  assertEquals(first!.truths, [true, true, true]);
  assertEquals(second!.truths, [true, null, true]);
  assertEquals(first!.statement!.tables, ["accounts"]);
  const text = JSON.stringify(recorded).replaceAll(`#${[...SECRET].reverse().join("")}`, "");
  assert(!/4711|sesame/.test(text), text);
});

Deno.test("with hashed names no name is in a recording, and equal ones stay equal", async () => {
  const names = { user: "kim", host: "kimshost", db: "kimsdb", program: "kimsprogram", "tag.job": "kimsjob" };
  const asked = rules([policy({ where: "user = 'kim' and time > 1s" })], { tags: ["job"] });
  const { kept, record } = recordOf(asked, "salt");
  const sessions = [
    session({ ...names, id: 1, sql: "SELECT 1 FROM kimstable" }),
    session({ ...names, id: 2, running: false, waiting: { unknown: "denied to kim" } }),
    session({
      ...{ id: 4, user: "system user", client_user: "kim", client_host: "kimshost", proxy: "kimsproxy" },
      ends_by: { unknown: "kimsproxy is silent" },
    }),
    session({ id: 3, user: "system user" }),
  ];
  const recorded = record(await lookAt({ now: 0, health: {}, sessions }, asked), 0);
  assert(!/kim|accounts/.test(JSON.stringify([kept, recorded])), JSON.stringify(recorded));
  const [first, second, behind, third] = recorded.sessions!;
  assertEquals(behind!.values["client_user"], first!.values["user"]);
  assertEquals(first!.values["user"], second!.values["user"]);
  assertEquals(third!.values["user"], "system user");
  assertEquals(first!.statement!.digest_text, "");
  assertEquals(recorded.sessions!.map(({ truths }) => truths), [[true], [true], [false], [false]]);
  assert(!kept.names.includes("user") && kept.names.includes("time"));
  assertEquals(kept.clauses[0]!.length, 16);
});

Deno.test("what gzip makes of it can be read by others", () =>
  inFolder(async (file) => {
    const writer = await write(file);
    await writer.write(await recordedLook([session()]));
    await writer.close("SIGTERM");
    const lines = gunzipSync(await Deno.readFile(file)).toString().trim().split("\n");
    assertEquals(lines.length, 3);
    assertEquals(JSON.parse(lines[2]!), { end: "SIGTERM" });
  }));
