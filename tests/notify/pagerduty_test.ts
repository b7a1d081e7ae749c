import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Bundle } from "../../src/notify/bundle.ts";
import { dedupKey, pagerdutyChannel } from "../../src/notify/pagerduty.ts";
import { Secret } from "../../src/text/secret.ts";
import { AT, bundleOf, gate, killed } from "./fixture.ts";

const CHANNEL = pagerdutyChannel({
  kind: "pagerduty",
  url: new Secret("https://x/"),
  key: new Secret("R0UT1NG"),
});

interface PagerEvent {
  readonly routing_key: string;
  readonly event_action: "trigger" | "resolve";
  readonly dedup_key: string;
  readonly payload?: Readonly<Record<string, unknown>> & { readonly summary: string };
}

/** The events, once they keep to what PagerDuty takes. */
function eventsOf(bundle: Bundle): readonly PagerEvent[] {
  return CHANNEL.letters(bundle, AT).map(({ body }) => {
    const event: PagerEvent = JSON.parse(body);
    const { event_action, dedup_key, payload } = event;
    assert(body.length < 512 * 1024 && dedup_key.length <= 255);
    assertEquals(event.routing_key, "R0UT1NG");
    if (event_action === "resolve") return event;
    assert(payload!.summary.length > 0 && payload!.summary.length <= 1024);
    assertMatch(String(payload!.severity), /^(?:critical|error|warning|info)$/);
    assert(payload!.source !== "" && !Number.isNaN(Date.parse(String(payload!.timestamp))));
    return event;
  });
}

function actionsOf(bundle: Bundle): readonly string[] {
  return eventsOf(bundle).map(({ event_action, dedup_key }) => `${event_action} ${dedup_key}`);
}

Deno.test("PagerDuty gets an incident for a policy on a database, with its kills, until its gate closes", () => {
  const key = "query-sniper:policy:orders:impacted";
  assertEquals(actionsOf(bundleOf(gate("open"), killed())), [`trigger ${key}`]);
  assertEquals(actionsOf(bundleOf(gate("closed"))), [`resolve ${key}`]);
  assertEquals(actionsOf(bundleOf(gate("open"), gate("closed"), killed())), [
    `trigger ${key}`,
    `resolve ${key}`,
  ]);
  assertEquals(actionsOf(bundleOf(killed())), [`trigger ${key}`]);
  const [event] = eventsOf(bundleOf(gate("open"), killed({ outcome: "survived" })));
  const { payload: { custom_details, ...payload } = { custom_details: {}, summary: "" } } = event!;
  assertEquals<unknown>(payload, {
    ...{ summary: "[OPEN] orders / impacted: 1 gate open, 1 survived", source: "orders", severity: "error" },
    ...{ timestamp: "2026-11-20T10:00:01.000Z", component: "impacted", group: "orders", class: "policy" },
  });
  assertEquals((custom_details as Record<string, unknown>).queries, ["1 x SELECT * FROM `t` WHERE `id` = ?"]);
});

Deno.test("a kill whose outcome comes after its gate has closed leaves no incident behind", () => {
  const all = bundleOf(gate("open"), gate("closed"), killed());
  assertEquals(all.tallies[0]!.standing, "over");
  const late = bundleOf(gate("closed"), killed());
  assertEquals(actionsOf(late).map((action) => action.split(" ")[0]), ["trigger", "resolve"]);
});

Deno.test("PagerDuty gets 20 incidents at once, and keeps the others for the next message", () => {
  const events = Array.from({ length: 50 }, (_, index) => gate("open", `db${index}`));
  const bundle = bundleOf(...events);
  const letters = CHANNEL.letters(bundle, AT);
  assertEquals(letters.length, 20);
  bundle.drop(letters.flatMap(({ subjects }) => subjects!));
  assertEquals(bundle.tallies.length, 30);
});

Deno.test("a dedup key is never longer than PagerDuty takes, and stays different", () => {
  assertEquals(dedupKey("x".repeat(255)), "x".repeat(255));
  const [a, b] = ["a", "b"].map((end) => dedupKey("x".repeat(300) + end));
  assert(a!.length === 255 && b!.length === 255 && a !== b);
});
