import { MODES, VICTIM_ORDERS } from "../policy/mod.ts";
import { duration, expression, integer, object, optional, preset, share, text, word } from "../yaml/mod.ts";
import { each } from "./merge.ts";
import { schedule } from "./schedule.ts";
import { then } from "./then_key.ts";

/** The keys of a policy's `victims`. */
export const victimKeys = {
  order: preset(word(VICTIM_ORDERS), "oldest", "Who comes first."),
  limit: optional(
    integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    "How many at each look. Omitted: all that were selected.",
  ),
};

/** The keys of a policy. An override replaces them one by one, except those that are merged. */
export const policyKeys = {
  description: optional(text, "What it is for, in words."),
  mode: optional(word(MODES), "dry-run: it only rehearses, beside the armed policies."),
  when: optional(expression, "Its gate: whether the database is hurt. Omitted: always."),
  until: optional(expression, "What closes the gate once it is open. Omitted: that `when` is not true."),
  for: preset(
    duration({ min: "0s", max: "7d" }),
    "0s",
    "How long the gate has to be open, at every look, before it acts.",
  ),
  during: optional(
    schedule,
    "The hours in which it is asked at all, such as Mon-Fri 08:00-20:00 Europe/Berlin; UTC without a zone.",
  ),
  where: optional(expression, "Which sessions it selects."),
  then: optional(
    then,
    "What becomes of them; in a list also who is told of it: `notify NAME`, a channel of `notify`.",
  ),
  escalate: optional(
    duration({ min: "1s", max: "1h" }),
    "How long after its kill the same execution may go on, or its transaction hold what it was selected for, before " +
      "its connection is ended. Omitted: for ever.",
  ),
  share: optional(
    share,
    "Its own share of sessions, in place of the budget's; `at_least` of the budget holds for it too.",
  ),
  rollback: optional(
    word(["any"] as const),
    "However much the server has to undo. Omitted: limits.rollback_rows changed rows at most.",
  ),
  settle: optional(
    duration({ min: "0s", max: "1d" }),
    "How long it waits after its kills, and after each improvement of `when`.",
  ),
  give_up_after: preset(
    integer({ min: 1, max: 1000 }),
    "5",
    "After so many rounds that improved nothing it stops until its gate has closed.",
  ),
  victims: each(
    optional(
      object(victimKeys, { instead: "such as { limit: 5 }" }),
      "Which of the selected sessions it takes at each look.",
    ),
  ),
};
