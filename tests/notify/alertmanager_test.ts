import { assert, assertEquals } from "@std/assert";
import { alertmanagerChannel } from "../../src/notify/alertmanager.ts";
import { Bundle } from "../../src/notify/bundle.ts";
import type { PublicEvent } from "../../src/events/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { AT, bundleOf, gate, killed } from "./fixture.ts";

const CHANNEL = alertmanagerChannel({ kind: "alertmanager", url: new Secret("http://x:9093/") });

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

function alertsOf(...events: readonly PublicEvent[]): readonly Alert[] {
  const [letter] = CHANNEL.letters(bundleOf(...events), AT + 10_000);
  assertEquals(letter!.url.reveal(), "http://x:9093/api/v2/alerts");
  return JSON.parse(letter!.body);
}

function seconds({ endsAt }: Alert): number {
  return (Date.parse(endsAt) - AT - 10_000) / 1000;
}

Deno.test("Alertmanager gets an alert for each subject, under labels that its state does not change", () => {
  const [open] = alertsOf(gate("open"), killed({ outcome: "survived" }));
  const [over] = alertsOf(gate("closed"));
  const [passing] = alertsOf(killed());
  assertEquals(open!.labels, {
    ...{ alertname: "QuerySniperPolicy", job: "query-sniper", severity: "warning" },
    ...{ database: "orders", policy: "impacted" },
  });
  assertEquals([over!.labels, passing!.labels], [open!.labels, open!.labels]);
  assertEquals([seconds(open!), seconds(over!), seconds(passing!)], [86_400, 0, 600]);
  assertEquals([open!.annotations.summary, open!.annotations.query], [
    "1 gate open, 1 survived",
    "SELECT * FROM `t` WHERE `id` = ?",
  ]);
  for (const { startsAt, endsAt } of [open!, over!, passing!]) assert(startsAt <= endsAt);
  const [journal] = alertsOf({ event: "journal", state: "failed", file: "j", reason: "full" });
  assertEquals(Object.keys(journal!.labels), ["alertname", "job", "severity"]);
});

Deno.test("Alertmanager gets 100 alerts at once, and no empty message", () => {
  const bundle = bundleOf(...Array.from({ length: 150 }, (_, index) => gate("open", `db${index}`)));
  const [letter] = CHANNEL.letters(bundle, AT);
  bundle.drop(letter!.subjects!);
  assertEquals([JSON.parse(letter!.body).length, bundle.tallies.length], [100, 50]);
  const missed = new Bundle();
  missed.miss(3);
  assertEquals(CHANNEL.letters(missed, AT), []);
});
