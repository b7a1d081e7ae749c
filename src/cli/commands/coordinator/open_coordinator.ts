import { systemClock } from "../../../clock.ts";
import { execFault, type ListenConfig, listenText } from "../../../config/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import { Coordinator, coordinatorApp, GroupWatch } from "../../../shards/coordinator/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import { errorText } from "../../../text/message.ts";
import { Pauses } from "../../../watch/mod.ts";
import { VERSION } from "../../version.ts";
import { coordinatorEvent, groupEvent, moveEvent, refusedEvent } from "./events.ts";
import { allTogether } from "./all_together.ts";
import { unchangedEvent } from "./telling.ts";
import { listenerOf, readAdminFiles } from "./listen.ts";
import { lookAt } from "./look.ts";
import { coordinatorOptions } from "./options.ts";

/** What a coordinator that is served needs. */
export interface CoordinatorServing {
  readonly stream: EventStream;
  readonly signal: AbortSignal;
  /** The pause file. */
  readonly pause: string;
  warn(line: string): void;
}

/** A coordinator that can be served. */
export interface OpenCoordinator {
  /** Where it is to listen, such as `127.0.0.1:9090`. */
  readonly address: string;
  /** @throws {StartError} It cannot listen there. */
  listen(): Promise<void>;
  /** Looks at the group and changes it, until the signal. Where one of both fails, the other one ends before it throws. */
  run(): Promise<void>;
  /** Reads the files of its tokens and certificates again. Never fails: an event says what is wrong with them. */
  reload(): Promise<void>;
  /** Is served no more, and ends its connections. */
  end(): Promise<void>;
}

/**
 * A coordinator that does nothing yet.
 * @returns A text says why that is not possible.
 */
export async function openCoordinator(
  group: Group,
  { stream, signal, pause, warn }: CoordinatorServing,
): Promise<OpenCoordinator | string> {
  const { sharding } = group;
  const { provision, admin, mode, schema } = sharding;
  const fault = provision?.kind === "exec" ? execFault(provision.program) : undefined;
  if (fault !== undefined) return `exec: ${fault}`;
  const pauses = new Pauses(pause, { clock: systemClock });
  const paused = () => pauses.reason("");
  const left = new AbortController();
  const parts = partsOf(group, {
    ...{ stream, paused, warn },
    signal: AbortSignal.any([signal, left.signal]),
  });
  const app = coordinatorApp({
    ...{ ...parts, group, paused, clock: systemClock, version: VERSION },
    refused: (request) => stream.emit(refusedEvent(request, schema)),
    failed: (error) => warn(`query-sniper: a request failed: ${errorText(error)}`),
  });
  let files = await readAdminFiles(admin);
  if (typeof files === "string") return files;
  const listener = listenerOf(app, stream);
  const address = listenText(admin.listen);
  let isListening = false;
  return {
    address,
    async listen() {
      await listener.start(files as ListenConfig);
      isListening = true;
    },
    async run() {
      listener.tell();
      if (mode === "dry-run") stream.emit({ event: "shards", state: "dry-run", schema });
      await allTogether([parts.coordinator.run(), parts.watch.run()], left);
    },
    async reload() {
      const next = await readAdminFiles(admin);
      if (typeof next === "string") return stream.emit(unchangedEvent(address, `sharding.admin: ${next}`));
      files = next;
      if (isListening) await listener.adopt(next);
    },
    async end() {
      await listener.end();
      if (isListening) stream.emit({ event: "http", state: "stopped", address });
      await parts.end();
    },
  };
}

interface Parts {
  readonly coordinator: Coordinator;
  readonly watch: GroupWatch;
  end(): Promise<void>;
}

function partsOf(
  group: Group,
  { stream, signal, paused, warn }: Omit<CoordinatorServing, "pause"> & {
    paused(): Promise<string | undefined>;
  },
): Parts {
  const { sharding } = group;
  const { schema } = sharding;
  const common = { group, clock: systemClock, signal, paused };
  const coordinator = new Coordinator(coordinatorOptions({
    ...common,
    tell: (news) => stream.emit(coordinatorEvent(news, schema)),
    tellMove: (news) => stream.emit(moveEvent(news, schema)),
  }));
  const { look, members, end } = lookAt(group, systemClock);
  const watch = new GroupWatch({
    ...{ ...common, coordinator, look, members },
    failed: (error) => warn(`query-sniper: a change failed: ${errorText(error)}`),
    tell: (news) => stream.emit(groupEvent(news, schema)),
  });
  return { coordinator, watch, end };
}
