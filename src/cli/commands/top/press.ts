import type { Model } from "./model.ts";
import { rankedDatabases, rankedSessions } from "./ranking.ts";
import type { Key } from "./terminal/keys.ts";

/** What a key asks of the program, besides another view. */
export type Effect =
  | { readonly kind: "quit" }
  /** The sessions of another database are to be read; undefined: of none. */
  | { readonly kind: "open"; readonly database: string | undefined }
  /** A session is to be killed: ask whether that may be. */
  | { readonly kind: "ask"; readonly session: number }
  /** It was confirmed. */
  | { readonly kind: "kill" };

export interface Step {
  readonly model: Model;
  readonly effect?: Effect;
}

/** What a key does. Pure. */
export function press(before: Model, key: Key): Step {
  const { note: _, ...rest } = before;
  const model: Model = rest;
  if (key === "interrupt") return { model, effect: { kind: "quit" } };
  if (model.asked !== undefined) return answer(model, key);
  if (model.isTyping) return { model: typed(model, key) };
  if (model.help) {
    return key === "q" ? { model, effect: { kind: "quit" } } : { model: { ...model, help: false } };
  }
  switch (key) {
    case "q":
      return { model, effect: { kind: "quit" } };
    case "?":
    case "h":
      return { model: { ...model, help: true } };
    case "/":
      return { model: { ...model, isTyping: true, filter: "" } };
    case "p":
      return { model: frozen(model) };
    case "a":
      return { model: { ...model, every: !model.every } };
    case "tab":
      return model.view === "database"
        ? { model: { ...model, view: "fleet", filter: "" } }
        : open(model, model.opened);
    case "enter":
    case "right":
      return model.view === "fleet" ? open(model, chosenOf(model)) : { model };
    case "escape":
    case "left":
    case "backspace":
      return back(model);
    case "k":
      return ask(model);
    default:
      return { model: moved(model, STEPS[key]) };
  }
}

const STEPS: Readonly<Record<Key, number>> = {
  up: -1,
  down: 1,
  "page-up": -10,
  "page-down": 10,
  home: -Infinity,
  end: Infinity,
};

/** Only a `y` kills; `c` changes what is done, and every other key leaves it alone. */
function answer({ asked, ...model }: Model, key: Key): Step {
  if (asked === undefined) return { model };
  if (key === "y") return { model: { ...model, asked }, effect: { kind: "kill" } };
  if (key === "c" && asked.other !== undefined) {
    return { model: { ...model, asked: { ...asked, action: asked.other, other: asked.action } } };
  }
  return { model: { ...model, note: { text: "Nothing was killed", tone: "plain" } } };
}

function typed(model: Model, key: Key): Model {
  switch (key) {
    case "enter":
      return { ...model, isTyping: false };
    case "escape":
      return { ...model, isTyping: false, filter: "" };
    case "backspace":
      return { ...model, filter: [...model.filter].slice(0, -1).join("") };
    default:
      // The names of keys have more than one character.
      return [...key].length === 1 ? { ...model, filter: model.filter + key } : model;
  }
}

function frozen({ frozen, ...model }: Model): Model {
  return frozen === undefined ? { ...model, frozen: model.now } : model;
}

function open(model: Model, database: string | undefined): Step {
  if (database === undefined) return { model };
  const shown: Model = { ...model, view: "database", filter: "" };
  if (database === model.opened) return { model: shown };
  const { look: _look, session: _session, frozen: _frozen, ...others } = shown;
  return { model: { ...others, opened: database }, effect: { kind: "open", database } };
}

/** Back to all databases; there, what is filtered out comes back. The sessions of none are read any more. */
function back(model: Model): Step {
  if (model.view === "fleet" || model.filter !== "") return { model: { ...model, filter: "" } };
  if (model.databases.length === 1) return { model };
  const { look: _look, session: _session, opened: _opened, frozen: _frozen, ...others } = model;
  return { model: { ...others, view: "fleet" }, effect: { kind: "open", database: undefined } };
}

function ask(model: Model): Step {
  const { view, session } = model;
  if (view === "database" && session !== undefined) return { model, effect: { kind: "ask", session } };
  const text = view === "fleet"
    ? "A session is killed from the view of its database: Enter shows that"
    : "No session is chosen";
  return { model: { ...model, note: { text, tone: "plain" } } };
}

function moved(model: Model, step: number | undefined): Model {
  if (step === undefined) return model;
  if (model.view === "fleet") {
    const names = rankedDatabases(model.databases, model.filter).map(({ name }) => name);
    const chosen = next(names, chosenOf(model), step);
    return chosen === undefined ? model : { ...model, chosen };
  }
  const ids = model.look === undefined
    ? []
    : rankedSessions(model.look, model).map(({ session }) => session.id);
  const session = next(ids, model.session, step);
  return session === undefined ? model : { ...model, session };
}

function next<T>(all: readonly T[], from: T | undefined, step: number): T | undefined {
  const at = from === undefined ? -1 : all.indexOf(from);
  return all[Math.max(0, Math.min(all.length - 1, at + step))];
}

/** The database that the cursor is on: the worst one, before somebody has moved it. */
export function chosenOf({ chosen, databases, filter }: Model): string | undefined {
  return chosen ?? rankedDatabases(databases, filter)[0]?.name;
}

/**
 * The model without a cursor on what is not shown any more. It never moves to another session by itself, while somebody
 * may be about to press a key.
 */
export function withCursor({ chosen, session, ...model }: Model): Model {
  const { databases, filter, look } = model;
  const isThere = chosen !== undefined &&
    rankedDatabases(databases, filter).some(({ name }) => name === chosen);
  const isShown = session !== undefined &&
    (look === undefined || rankedSessions(look, model).some((each) => each.session.id === session));
  return { ...model, ...isThere && { chosen }, ...isShown && { session } };
}
