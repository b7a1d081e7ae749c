import { ACTION_NAMES } from "../policy/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import type { JsonSchema } from "../yaml/json_schema.ts";
import { type Kind, mismatch, NAMES, type Path, type Problems } from "../yaml/mod.ts";

/** What a policy does: one action, and who is told of it besides. */
export interface Then<A extends string> {
  readonly action: A;
  /** Names of channels. */
  readonly notify: readonly string[];
}

/** The actions that there are, and how to speak of them. */
interface ThenWords<A extends string> {
  readonly actions: readonly A[];
  /** What channels alone do: they tell what this action would. */
  readonly silent: A;
  readonly example: string;
  /** Why there is only one action. */
  readonly single: string;
}

const NOTIFY = /^notify\s+(\S+)$/;

/** One action, channels, or both in a list. */
export function thenKind<A extends string>(words: ThenWords<A>): Kind<Then<A>> {
  const one = `one of ${words.actions.map((name) => `"${name}"`).join(", ")}`;
  const step = `${one}, "notify NAME"`;
  const expects = `${one}, or a list such as ${words.example}`;
  const schemas: readonly JsonSchema[] = [
    { enum: words.actions },
    { type: "string", pattern: "^notify +[A-Za-z0-9_][A-Za-z0-9_.-]*$" },
  ];
  return {
    expects,
    hint: expects,
    schema: { anyOf: [...schemas, { type: "array", items: { anyOf: schemas }, minItems: 1 }] },
    read(value, path, problems) {
      const expected = { step, expects, words };
      if (typeof value === "string" && value !== "") {
        return thenOf([[value, path]], { path, problems, ...expected });
      }
      if (!Array.isArray(value) || value.length === 0) return mismatch(expects, value, path, problems);
      const steps = value.map((step, index) => [step, [...path, index]] as const);
      const odd = steps.find(([step]) => typeof step !== "string" || step === "");
      if (odd !== undefined) return mismatch(step, odd[0], odd[1], problems);
      return thenOf(steps, { path, problems, ...expected });
    },
    write: ({ action, notify }) =>
      notify.length === 0 ? action : [action, ...notify.map((name) => `notify ${name}`)],
  };
}

/** What becomes of sessions. */
export const then = thenKind({
  actions: ACTION_NAMES,
  silent: "log",
  example: "[kill query, notify NAME]",
  single: "a policy does one thing with a session",
});

function thenOf<A extends string>(
  steps: readonly (readonly [string, Path])[],
  { path, problems, step: expectedStep, expects, words }: {
    readonly path: Path;
    readonly problems: Problems;
    readonly step: string;
    readonly expects: string;
    readonly words: ThenWords<A>;
  },
): Then<A> | undefined {
  const actions: A[] = [];
  const notify: string[] = [];
  for (const [step, place] of steps) {
    const action = words.actions.find((name) => name === step);
    const channel = NOTIFY.exec(step)?.[1];
    if (action !== undefined) actions.push(action);
    else if (channel !== undefined && NAMES.pattern.test(channel)) notify.push(channel);
    else {
      const near = didYouMean(step, words.actions, '"');
      problems.report(place, `expected ${steps.length > 1 ? expectedStep : expects}: ${quoted(step)}${near}`);
      return undefined;
    }
  }
  const [twice] = notify.filter((name, index) => notify.indexOf(name) !== index);
  if (twice !== undefined) {
    problems.report(path, `this channel is named more than once: ${quoted(twice)}`);
  }
  if (actions.length > 1) {
    problems.report(path, `${words.single}: ${actions.map((name) => `"${name}"`).join(" and ")}`);
    return undefined;
  }
  return { action: actions[0] ?? words.silent, notify: [...new Set(notify)] };
}
