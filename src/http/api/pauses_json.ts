import { type Pauses, writtenPause } from "../../watch/mod.ts";

/** What is paused now, as JSON. */
export async function pausesJson(pauses: Pauses) {
  const { file, broken, listed } = await pauses.state();
  return {
    paused: listed.map(writtenPause),
    ...file !== undefined && { pause_file: { file: pauses.file, reason: file } },
    ...broken !== undefined && { broken: { file: pauses.list, reason: broken } },
  };
}
