import type { Destination } from "../config/mod.ts";
import { Bundle } from "./bundle.ts";
import { channelTo } from "./channels.ts";
import type { Notice, Standing } from "./notice.ts";
import { post } from "./post.ts";
import type { Answer } from "./post_error.ts";

/**
 * Sends a sample to a destination, and its end where the other side waits for one. Returns the answers.
 * @param now Milliseconds since 1970.
 * @throws {PostError} If it was not taken.
 */
export async function tryChannel(name: string, to: Destination, now: number): Promise<readonly Answer[]> {
  const channel = channelTo(name, to);
  const answers: Answer[] = [];
  for (const standing of channel.keepsState ? ["open", "over"] as const : ["open"] as const) {
    const bundle = new Bundle();
    bundle.add(sample(name, standing, now));
    for (const letter of channel.letters(bundle, now)) {
      answers.push(await post(letter, new AbortController().signal));
    }
  }
  return answers;
}

function sample(name: string, standing: Standing, at: number): Notice {
  return {
    at,
    route: "gate",
    level: standing === "over" ? "info" : "warning",
    subject: {
      key: "query-sniper:policy:sample:sample",
      kind: "policy",
      database: "sample",
      policy: "sample",
    },
    standing,
    word: "sample",
    text: `this is a sample, sent by: query-sniper notify test ${name}`,
    query: { digest: "v2:0000000000000000", text: "SELECT ?" },
  };
}
