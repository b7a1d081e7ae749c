import { EVENTS } from "../events/mod.ts";
import { paragraph, table } from "./table.ts";

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
  ];
}
