import { systemClock } from "../../../clock.ts";
import {
  cancelChange,
  type Change,
  ChangeError,
  type ChangeRequest,
  Coordinator,
  type CoordinatorNews,
  rehearseChange,
  requestChange,
} from "../../../shards/coordinator/mod.ts";
import { RouterProblem } from "../../../shards/mod.ts";
import { Pauses } from "../../../watch/mod.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { coordinatorOptions } from "../coordinator/options.ts";
import { rehearsedText } from "./rehearsed_text.ts";
import type { Task, TaskOptions } from "./task.ts";

/** How often the journal is read, in milliseconds. */
const PAUSE = 500;

/** `shards add [NAME]`: a new shard takes an even part of all rows. */
export const add: Task = (options) => {
  const [name] = options.arguments;
  return change(
    { action: "add shard", cause: "shards add", ...name !== undefined && { shard: name } },
    options,
  );
};

/** `shards drain NAME`: all of its rows go to the other shards. */
export const drain: Task = (options) =>
  change({ action: "drain", source: options.arguments[0]!, cause: "shards drain" }, options);

/** Cancels a change of which no move is under way, here, unless a coordinator does. */
export const cancel = (id: string, options: TaskOptions): Promise<number> =>
  told(
    options,
    async () => await carriedOut(await cancelChange(options.configured, id), "cancelled", options),
  );

function change(request: ChangeRequest, options: TaskOptions): Promise<number> {
  return told(options, async () => {
    if (options.dryRun) return await rehearse(request, options);
    const asked = await requestChange(options.configured, request, await pausesOf(options)());
    return await carriedOut(asked, "done", options);
  });
}

async function told(options: TaskOptions, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ChangeError) && !(error instanceof RouterProblem)) throw error;
    options.terminal.warn(
      `query-sniper: ${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`,
    );
    return 1;
  }
}

async function rehearse(
  request: ChangeRequest,
  { configured, sharding, json, terminal }: TaskOptions,
): Promise<number> {
  const rehearsed = await rehearseChange(configured, request);
  if (json) terminal.print(JSON.stringify({ ...request, ...rehearsed }));
  else terminal.print(...rehearsedText(rehearsed));
  const why = sharding.mode === "dry-run" ? "sharding.mode is dry-run" : "--dry-run";
  terminal.warn(`query-sniper: nothing was written: ${why}`);
  return 0;
}

function pausesOf({ pause }: TaskOptions): () => Promise<string | undefined> {
  const pauses = new Pauses(pause, { clock: systemClock });
  return () => pauses.reason("");
}

/** Waits for the end of a change: a coordinator carries it out, or, where there is none, this program does. */
async function carriedOut(
  asked: Change,
  wanted: NonNullable<Change["outcome"]>,
  options: TaskOptions,
): Promise<number> {
  const { configured, json, terminal } = options;
  const stopped = stopOnSignals();
  const paused = pausesOf(options);
  const ended = new AbortController();
  const signal = AbortSignal.any([stopped.signal, ended.signal]);
  const coordinator = new Coordinator(coordinatorOptions({
    ...{ group: configured, clock: systemClock, signal, paused },
    tell: (news) => tell(news, options),
    tellMove: (news) => json && terminal.print(JSON.stringify(news)),
  }));
  const running = coordinator.run();
  // Thrown below; nothing is waited for then.
  running.catch(() => ended.abort());
  const change = await endOf(asked, coordinator, signal);
  ended.abort();
  await running;
  if (change?.outcome === undefined) {
    terminal.warn(`query-sniper: change ${asked.id} is not done: a coordinator goes on with it`);
    return 1;
  }
  if (json) terminal.print(JSON.stringify(change));
  else terminal.print(endText(change));
  return change.outcome === wanted ? 0 : 1;
}

/** Whoever carries it out: the journal says when it has ended. */
async function endOf(
  asked: Change,
  coordinator: Coordinator,
  signal: AbortSignal,
): Promise<Change | undefined> {
  for (;;) {
    const found = (await coordinator.changes(50)).find(({ id }) => id === asked.id);
    if (found?.outcome !== undefined || signal.aborted) return found;
    await systemClock.sleep(PAUSE, signal);
  }
}

function tell(news: CoordinatorNews, { json, terminal }: TaskOptions): void {
  if (json) return terminal.print(JSON.stringify(news));
  if (news.kind === "lease") {
    if (!news.held) terminal.print(`this program waits: ${news.reason ?? ""}`);
  } else if (news.kind !== "end") {
    const { action, step, shard } = news.change;
    const what = `${action}${shard === undefined ? "" : ` ${shard}`}: ${step}`;
    terminal.print(news.kind === "waiting" ? `${what}, waits: ${news.reason}` : what);
  }
}

function endText({ action, outcome, shard, source, reason }: Change): string {
  const which = shard ?? source;
  return `${action}${which === undefined ? "" : ` ${which}`}: ${outcome}${
    reason === undefined ? "" : `: ${reason}`
  }`;
}
