import { systemClock } from "../../../clock.ts";
import { execFault, type ListenConfig, listenText } from "../../../config/mod.ts";
import type { EventStream, HttpEvent } from "../../../events/mod.ts";
import { Coordinator, coordinatorApp, GroupWatch } from "../../../shards/coordinator/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import { Pauses } from "../../../watch/mod.ts";
import { VERSION } from "../../version.ts";
import { coordinatorEvent, groupEvent, moveEvent } from "./events.ts";
import { allTogether } from "./all_together.ts";
import { listen } from "./listen.ts";
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

/** A coordinator that is served. */
export interface OpenCoordinator {
  /** Looks at the group and changes it, until the signal. Where one of both fails, the other one ends before it throws. */
  run(): Promise<void>;
  /** Is served no more, and ends its connections. */
  end(): Promise<void>;
}

/**
 * Serves a coordinator, which does nothing yet.
 * @returns A text says why that is not possible.
 * @throws {ListenError}
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
    failed: (error) => warn(`query-sniper: a request failed: ${errorText(error)}`),
  });
  const server = await listen(app, admin);
  if (typeof server === "string") return server;
  return {
    async run() {
      stream.emit(listeningEvent(server.config));
      if (mode === "dry-run") stream.emit({ event: "shards", state: "dry-run", schema });
      await allTogether([parts.coordinator.run(), parts.watch.run()], left);
    },
    async end() {
      await server.close();
      await parts.end();
    },
  };
}

function listeningEvent({ address, hasTls, hasToken, hasClientCertificates }: ListenConfig): HttpEvent {
  const access = hasToken
    ? hasClientCertificates ? "certificate and token" : "token"
    : hasClientCertificates
    ? "certificate"
    : "open";
  return { event: "http", state: "listening", address: listenText(address), access, tls: hasTls };
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

/** An error for the log of the program. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
