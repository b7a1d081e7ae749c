import { EVENTS, REPORTED_OUTCOMES } from "../../../events/mod.ts";
import { REASONS } from "../../../policy/mod.ts";
import { paragraph, table } from "../../table.ts";

/** `help events`. */
export function eventsTopic(): readonly string[] {
  return [
    ...paragraph(
      "Each event is a line on standard output: JSON with --log-format json, and where it is no terminal. All " +
        "have `at`, `level` and `event`; `--log-level` leaves out what matters less.",
    ),
    "",
    "Events, and their levels, the usual one first:",
    ...table(Object.entries(EVENTS).map(([name, { levels, meaning }]) => [name, levels.join(", "), meaning])),
    "",
    "What a `kill` event has as its `outcome`, and its level then:",
    ...table(Object.entries(REPORTED_OUTCOMES).map(([name, { level, meaning }]) => [name, level, meaning])),
    "",
    "The `reason` where that is `skipped`, and whether the next policy is asked about the session:",
    ...table(
      Object.entries(REASONS).map((
        [name, { claims, meaning }],
      ) => [name, claims ? "no" : "yes", meaning]),
    ),
  ];
}
