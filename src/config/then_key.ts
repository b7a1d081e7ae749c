import { type Action, ACTION_NAMES } from "../policy/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import type { JsonSchema } from "../yaml/json_schema.ts";
import { type Kind, mismatch, NAMES, type Path, type Problems } from "../yaml/mod.ts";

/** What a policy does with a session: one action, and who is told of it besides. */
export interface Then {
  readonly action: Action;
  /** Names of channels. */
  readonly notify: readonly string[];
}

const NOTIFY = /^notify\s+(\S+)$/;
const ACTIONS = ACTION_NAMES.map((name) => `"${name}"`);
const ONE = `one of ${ACTIONS.join(", ")}`;
const STEP = `${ONE}, "notify NAME"`;
const EXPECTS = `${ONE}, or a list such as [kill query, notify NAME]`;
const STEP_SCHEMAS: readonly JsonSchema[] = [
  { enum: ACTION_NAMES },
  { type: "string", pattern: "^notify +[A-Za-z0-9_][A-Za-z0-9_.-]*$" },
];

/** One action, channels, or both in a list. Channels alone tell what `log` would. */
export const then: Kind<Then> = {
  expects: EXPECTS,
  hint: EXPECTS,
  schema: { anyOf: [...STEP_SCHEMAS, { type: "array", items: { anyOf: STEP_SCHEMAS }, minItems: 1 }] },
  read(value, path, problems) {
    if (typeof value === "string" && value !== "") return thenOf([[value, path]], path, problems);
    if (!Array.isArray(value) || value.length === 0) return mismatch(EXPECTS, value, path, problems);
    const steps = value.map((step, index) => [step, [...path, index]] as const);
    const odd = steps.find(([step]) => typeof step !== "string" || step === "");
    if (odd !== undefined) return mismatch(STEP, odd[0], odd[1], problems);
    return thenOf(steps, path, problems);
  },
  write: ({ action, notify }) =>
    notify.length === 0 ? action : [action, ...notify.map((name) => `notify ${name}`)],
};

function thenOf(
  steps: readonly (readonly [string, Path])[],
  path: Path,
  problems: Problems,
): Then | undefined {
  const actions: Action[] = [];
  const notify: string[] = [];
  for (const [step, place] of steps) {
    const action = ACTION_NAMES.find((name) => name === step);
    const channel = NOTIFY.exec(step)?.[1];
    if (action !== undefined) actions.push(action);
    else if (channel !== undefined && NAMES.pattern.test(channel)) notify.push(channel);
    else {
      const near = didYouMean(step, ACTION_NAMES, '"');
      problems.report(place, `expected ${steps.length > 1 ? STEP : EXPECTS}: ${quoted(step)}${near}`);
      return undefined;
    }
  }
  const [twice] = notify.filter((name, index) => notify.indexOf(name) !== index);
  if (twice !== undefined) {
    problems.report(path, `this channel is named more than once: ${quoted(twice)}`);
  }
  if (actions.length > 1) {
    const found = actions.map((name) => `"${name}"`).join(" and ");
    problems.report(path, `a policy does one thing with a session: ${found}`);
    return undefined;
  }
  return { action: actions[0] ?? "log", notify: [...new Set(notify)] };
}
