// The page of a group: what it is made of, who gets it, and what it says.

import { assert, assertEquals } from "@std/assert";
import { GROUP_ASSETS, groupPage } from "../../../src/http/shards/group_page.ts";
import { groupSentence } from "../../../src/http/page/group/group_sentence.js";
import { cell, gateLine, standing, unknownLines } from "../../../src/http/page/group/group_words.js";
import { inOrder } from "../../../src/http/page/group/shard_table.js";
import { piecesOf, rangesOf, sizeOf } from "../../../src/http/page/group/strip.js";
import { restText, waitText } from "../../../src/http/page/group/under_way.js";
import { ROOT } from "../../program.ts";
import { assetProblems } from "../asset_problems.ts";
import { ago, type Scene, serveGroup, stateOf } from "./stage.ts";

Deno.test("all that the page of a group asks for is there, and has nothing that the policy forbids", async () => {
  assertEquals(assetProblems(GROUP_ASSETS), []);
  const texts = new Set(Object.values(GROUP_ASSETS).map(({ text }) => text));
  for await (const { name } of Deno.readDir(`${ROOT}src/http/page/group`)) {
    assert(texts.has(await Deno.readTextFile(`${ROOT}src/http/page/group/${name}`)), name);
  }
  const page = await groupPage().request("/");
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  // What belongs to the status page alone is not served.
  assertEquals(GROUP_ASSETS["/assets/status.js"], undefined);
});

/** The sentence as it is read, and how it is meant. */
function said(scene: Scene, since = 0): readonly [tone: string, text: string, title: string] {
  const { head, tone, facts, title } = groupSentence(stateOf(scene), since);
  return [tone, [head, ...facts.map(({ text }) => text)].join(" · "), title];
}

Deno.test("the sentence says what is wrong first, then what is done, then who does it", () => {
  const active = "active: this coordinator changes the group";
  const last = "last look 3.2 s ago";
  const refused = "Connection refused (10.0.0.1:3306)";
  const rows: readonly (readonly [Scene, string, string, string])[] = [
    ["well", "well", `All 4 shards well · ${active} · ${last}`, ""],
    ["hot", "bad", `2 of 4 shards hot · ${active} · 3 gates unknown · ${last}`, "(2 hot) "],
    [
      "moving",
      "bad",
      `1 of 5 shards hot; 1 move under way · ${active} · 1 gate unknown · ${last}`,
      "(1 hot) ",
    ],
    ["resting", "warn", `All 5 shards well; 1 move paused · ${active} · ${last}`, "! "],
    [
      "paused",
      "bad",
      `2 of 5 shards hot; changes are paused; 1 move under way · ${active} · 1 gate unknown · ${last}`,
      "(2 hot) ",
    ],
    [
      "disagreeing",
      "bad",
      `The map and the shards disagree: shard-2 owns 255 slots, and in the map 256 or others · ${active} · ${last}`,
      "! ",
    ],
    ["unreachable", "bad", `1 of 4 shards cannot be reached · ${active} · 2 gates unknown · ${last}`, "! "],
    [
      "old",
      "bad",
      `The shards cannot be looked at: ${refused} · ${active} · ` +
      `The map and the journals cannot be read: the map cannot be read from shard-1: ${refused} · last look 1m 35s ago`,
      "! ",
    ],
    [
      "standby",
      "well",
      `All 4 shards well · standby, this coordinator changes nothing: another coordinator has the lease · ${last}`,
      "",
    ],
    [
      "dry-run",
      "bad",
      `2 of 4 shards hot · dry run: this coordinator changes nothing · 3 gates unknown · ${last}`,
      "(2 hot) ",
    ],
    [
      "beginning",
      "warn",
      "Looking at 4 shards for the first time · standby, this coordinator changes nothing: it has just begun · no look yet",
      "! ",
    ],
  ];
  for (const [scene, ...expected] of rows) assertEquals(said(scene), expected, scene);
  const { gates: _, ...calm } = stateOf("well");
  const unknown = stateOf("hot").gates.filter(({ state }) => state === "unknown");
  assertEquals(
    groupSentence({ ...calm, gates: unknown }, 0).head,
    "None of 4 shards is known to be hot: 3 gates unknown",
  );
  const alone = { ...stateOf("hot"), shards: calm.shards.slice(0, 1) };
  assertEquals(groupSentence(alone, 0).head, "The shard is hot");
  const paused = groupSentence({ ...calm, gates: [], paused: "maintenance" }, 0);
  assertEquals([paused.tone, paused.head], ["held", "Changes are paused: “maintenance”"]);
});

Deno.test("looks and answers that do not come any more are told by their age", () => {
  assertEquals(said("well", 30_000).slice(0, 2), [
    "bad",
    "No answer from the metadata for 30s · active: this coordinator changes the group · last look 33s ago",
  ]);
  assert(said("well", 40_000)[1].startsWith("No look at the shards for 43s · "));
});

Deno.test("hot shards come first, with the values that make them hot and what is done about it", () => {
  const state = stateOf("hot");
  assertEquals(inOrder(state).map(({ shard_id: id }) => id), ["shard-2", "shard-3", "shard-1", "shard-4"]);
  const now = Date.parse(state.now);
  const lines = (scene: Scene) => stateOf(scene).gates.map((gate) => gateLine(gate, now).text);
  assertEquals(lines("hot").slice(0, 2), [
    "hot open for 2m 16s: rows 120400 > 100k; no split now: one key has most of the shard's rows, " +
    "and a key cannot be divided: 63% of its rows, in orders",
    "hot: nobody knows whether cpu > 70% " +
    "(unknown: there is no source: `metrics.node_exporter` can name one for this shard)",
  ]);
  assertEquals(lines("moving")[0], "hot open for 2m 16s: rows 120400 > 100k; split is under way");
  assert(lines("hot").includes("hot open for 2m 16s: cpu 82.4% > 70%; split begins"));
  assertEquals(lines("getting-hot")[0], "hot open for 23s: rows 120400 > 100k; split in 36s");
  assert(lines("dry-run").includes("hot open for 2m 16s: cpu 82.4% > 70%; would split (dry run)"));
  assert(
    lines("paused").includes(
      "hot open for 2m 16s: cpu 82.4% > 70%; no split now: changes are paused: the disks of rack 4 are replaced",
    ),
  );
});

Deno.test("a shard is what its gates and its look say, and was that where the look is old", () => {
  const [first] = stateOf("well").shards;
  assertEquals(standing(first!, []), { text: "well", tone: "well" });
  assertEquals(standing(first!, [], true), { text: "was well", tone: "plain" });
  assertEquals(standing({ ...first!, status: "draining" }, []).text, "draining");
  const dry = stateOf("dry-run").gates.filter(({ shard }) => shard === "shard-3");
  assertEquals(standing(first!, dry), { text: "hot (dry run)", tone: "held" });
  const unknown = stateOf("hot").gates.filter(({ shard }) => shard === "shard-1");
  assertEquals(standing(first!, unknown), { text: "unknown", tone: "warn" });
});

Deno.test("what is not known is unknown, with its reason, and a lower bound looks like one", () => {
  const { shards } = stateOf("hot");
  const shown = (index: number, name: string, value: number | null) =>
    cell(shards[index]!, { name, value, unit: name === "rows" ? "count" : "percent" });
  assertEquals(shown(0, "cpu", shards[0]!.cpu_percent), "unknown");
  assertEquals(shown(1, "cpu", 31.4), "31%");
  assertEquals(shown(2, "rows", 81_234), "about 81.2k");
  assertEquals(shown(3, "rows", 64_000), "≥ 64k");
  assertEquals(unknownLines(shards[0]!, ["cpu", "disk"]).map(({ text }) => text), [
    "cpu, disk unknown: there is no source: metrics.node_exporter can name one for this shard",
  ]);
  assertEquals(unknownLines(shards[3]!, ["rows"]).map(({ text }) => text), [
    "more rows unknown: a table cannot be read",
  ]);
  const lost = stateOf("unreachable").shards[2]!;
  assertEquals(unknownLines(lost, ["cpu", "rows"]).map(({ text }) => text), [
    "The shard cannot be reached: Connection refused (10.0.0.3:3306)",
  ]);
});

Deno.test("slots are drawn where they are, a piece for each line", () => {
  assertEquals(rangesOf("0-511,600"), [[0, 511], [600, 600]]);
  assertEquals(sizeOf("0-511,600"), 513);
  assertEquals(piecesOf([120, 260]), [
    { x: 120, y: 0, width: 8 },
    { x: 0, y: 1, width: 128 },
    { x: 0, y: 2, width: 5 },
  ]);
});

Deno.test("a move that does not go on says why", () => {
  const move = stateOf("moving").moves[0]!;
  assertEquals(restText(move, undefined), undefined);
  assertEquals(restText(move, "maintenance"), "Rests: changes are paused: maintenance");
  assertEquals(restText({ ...move, state: "paused", reason: "lag" }, undefined), "Paused: lag");
  assertEquals(restText({ ...move, state: "aborting" }, undefined), "Is being undone");
  assertEquals(restText({ ...move, reason: "the server is down" }, undefined), "Rests: the server is down");
  assertEquals(waitText({ step: "cancelling" }), "Is being cancelled");
  assertEquals(waitText({ step: "planning", reason: "no server" }), "Waits: no server");
  assertEquals(waitText({ step: "moving" }), undefined);
});

const [FIRST, SECOND] = ["0123456789abcdef", "fedcba9876543210"] as const;

Deno.test("the page and its JSON need a token or a login, and no other site can use a login", async () => {
  await using group = await serveGroup("well", { tokens: [FIRST, SECOND] });
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${group.url}${path}`, { redirect: "manual", ...init });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers };
  };
  const json = { "content-type": "application/json" };
  assertEquals(
    (await ask("group")).text,
    `${
      JSON.stringify({
        error: {
          code: "unauthorized",
          message: "a token is needed",
          hint: "send Authorization: Bearer TOKEN",
        },
      })
    }\n`,
  );
  const sent = await ask("", { headers: { accept: "text/html" } });
  assertEquals([sent.status, sent.headers.get("location")], [303, "/login"]);
  for (const path of ["login", "login/login.js", "login/page.css", "favicon.svg"]) {
    assertEquals((await ask(path)).status, 200, path);
  }
  for (const path of ["group/group.js", "assets/dom.js"]) assertEquals((await ask(path)).status, 401, path);
  const wrong = await ask("login", { method: "POST", headers: json, body: JSON.stringify({ token: "no" }) });
  assertEquals([wrong.status, wrong.text], [401, '{"error":"This is not the token"}']);
  // Refusals at the login have the form that its page knows.
  const typed = await ask("login", { method: "POST", body: "{}" });
  assertEquals([typed.status, typed.text], [415, '{"error":"The content type is not application/json"}\n']);
  const login = await ask("login", {
    method: "POST",
    headers: json,
    body: JSON.stringify({ token: SECOND }),
  });
  const set = login.headers.get("set-cookie")!;
  assert(set.includes("; HttpOnly; SameSite=Strict;"), set);
  const cookie = set.split(";")[0]!;
  assertEquals((await ask("group", { headers: { cookie } })).status, 200);
  assertEquals((await ask("", { headers: { cookie, accept: "text/html" } })).status, 200);
  const post = (headers: Record<string, string>) =>
    ask("shards", { method: "POST", headers: { cookie, ...headers }, body: "{}" });
  assertEquals((await post({ ...json, origin: "https://evil.example" })).status, 403);
  assertEquals((await post({ ...json, "sec-fetch-site": "cross-site" })).status, 403);
  assertEquals((await post({ ...json, "sec-fetch-site": "same-site" })).status, 403);
  assertEquals((await post({ "content-type": "text/plain" })).status, 415);
  assertEquals((await ask("group", { headers: { cookie, "sec-fetch-site": "cross-site" } })).status, 403);
  assertEquals(group.posted, []);
  assertEquals((await post(json)).status, 202);
  assertEquals(group.posted, ["/shards"]);
});

Deno.test("the state says what is under way and what has ended, the newest first", () => {
  const state = stateOf("moving");
  assertEquals(state.change?.id, "4");
  assertEquals(state.moves.map(({ id, slot_count: slots }) => [id, slots]), [["9", 141]]);
  assert(state.moves[0]!.slots.startsWith("256-359,402,405,"));
  assertEquals(state.past_moves.map(({ id }) => id), ["8", "7"]);
  assertEquals(state.past_changes.map(({ id }) => id), ["3"]);
  assertEquals(state.map?.slots["shard-1"], "0-255");
  assertEquals(state.looks, { at: ago(3_200), interval_ms: 10_000 });
  assertEquals(stateOf("beginning").shards.map(({ slots, status }) => [slots, status])[0], [null, "unknown"]);
  assertEquals(stateOf("disagreeing").disagreement, "shard-2 owns 255 slots, and in the map 256 or others");
});
