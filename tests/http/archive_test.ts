import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Archive } from "../../src/http/archive/archive.ts";
import type { Question } from "../../src/http/archive/question.ts";
import { END, storyOf, writeStory } from "../report/story.ts";

function question(journal: string): Question {
  return {
    ...{ kind: "report", journal, parts: { since: "14d" }, limit: 100, now: END },
    ...{ exempt: [], aliases: [] },
  };
}

async function withStory(test: (journal: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  try {
    writeStory(`${folder}/journal.db`, storyOf(7));
    await test(`${folder}/journal.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the event loop goes on while the journal is asked", () =>
  withStory(async (journal) => {
    const archive = new Archive({ clock: systemClock });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const found = await Promise.all([1, 2, 3].map(() => archive.ask(question(journal))));
    clearInterval(timer);
    assertEquals(found.map(({ kind }) => kind), ["found", "found", "found"]);
    assert(turns > 20, `${turns} turns`);
  }));

Deno.test("who asks when many wait, or waits too long, is told so", () =>
  withStory(async (journal) => {
    const archive = new Archive({ clock: systemClock, deadline: 0.001 });
    const found = await Promise.all(Array.from({ length: 10 }, () => archive.ask(question(journal))));
    const messages = found.map((each) => each.kind === "busy" ? each.message : each.kind);
    assertEquals(
      new Set(messages),
      new Set([
        "there was no answer within 0.000001 s: ask for a shorter period",
        "8 questions wait for an answer: ask again later",
      ]),
    );
    assertEquals((await new Archive({ clock: systemClock }).ask(question(journal))).kind, "found");
  }));
