import { systemClock } from "../../../clock.ts";
import { execFault, type ListenConfig, listenText, type ProvisionConfig } from "../../../config/mod.ts";
import type { EventStream, HttpEvent } from "../../../events/mod.ts";
import { Coordinator, coordinatorApp, GroupWatch } from "../../../shards/coordinator/mod.ts";
import { type Group, readMembers } from "../../../shards/members/member.ts";
import { withMetadata } from "../../../shards/move/group.ts";
import { Pauses } from "../../../watch/mod.ts";
import { ListenError } from "../../../http/server/mod.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { openEvents } from "../../event_log.ts";
import type { Run } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { VERSION } from "../../version.ts";
import { shardingOf } from "../router/router.ts";
import { coordinatorEvent, groupEvent, moveEvent } from "./events.ts";
import { listen } from "./listen.ts";
import { lookAt } from "./look.ts";
import { coordinatorOptions } from "./options.ts";

/** How long the last events may take to be written, in milliseconds. */
const LAST_WRITE = 200;

/** `query-sniper coordinator`. */
export const coordinator: Run = async (invocation, terminal) => {
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const configured = shardingOf(chosen.config, "coordinator");
  const fault = provisionFault(configured.provision);
  if (fault !== undefined) {
    terminal.warn(`query-sniper: ${configured.provision!.kind}: ${fault}`);
    return 2;
  }
  const isDry = invocation.options.has("dry-run");
  const sharding = isDry ? { ...configured, mode: "dry-run" as const } : configured;
  const group: Group = { sharding, databases: chosen.databases };
  const { stream, log } = openEvents(chosen.config.sql, invocation, terminal);
  const { signal } = stopOnSignals();
  const pauses = new Pauses(chosen.config.pause, { clock: systemClock });
  const paused = () => pauses.reason("");
  const parts = partsOf(group, { stream, signal, paused, terminal });
  const app = coordinatorApp({
    ...{ ...parts, group, paused, clock: systemClock, version: VERSION },
    failed: (error) => terminal.warn(`query-sniper: a request failed: ${errorText(error)}`),
  });
  try {
    const server = await listen(app, sharding.admin);
    if (typeof server === "string") {
      terminal.warn(`query-sniper: ${server}`);
      return 2;
    }
    stream.emit(listeningEvent(server.config));
    if (sharding.mode === "dry-run") {
      stream.emit({ event: "shards", state: "dry-run", schema: sharding.schema });
    }
    await Promise.all([parts.coordinator.run(), parts.watch.run()]);
    await server.close();
    await parts.end();
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
  await log.flush(LAST_WRITE);
  return log.failure === undefined ? 0 : 1;
};

function listeningEvent({ address, hasTls, hasToken, hasClientCertificates }: ListenConfig): HttpEvent {
  const access = hasToken
    ? hasClientCertificates ? "certificate and token" : "token"
    : hasClientCertificates
    ? "certificate"
    : "open";
  return { event: "http", state: "listening", address: listenText(address), access, tls: hasTls };
}

function provisionFault(provision: ProvisionConfig | undefined): string | undefined {
  return provision?.kind === "exec" ? execFault(provision.program) : undefined;
}

interface Parts {
  readonly coordinator: Coordinator;
  readonly watch: GroupWatch;
  end(): Promise<void>;
}

function partsOf(
  group: Group,
  { stream, signal, paused, terminal }: {
    readonly stream: EventStream;
    readonly signal: AbortSignal;
    readonly terminal: Parameters<Run>[1];
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
  const { look, end } = lookAt(group, systemClock);
  const watch = new GroupWatch({
    ...{ ...common, coordinator, look },
    members: () => withMetadata(group, ({ connection }) => readMembers(connection)),
    failed: (error) => terminal.warn(`query-sniper: a change failed: ${errorText(error)}`),
    tell: (news) => stream.emit(groupEvent(news, schema)),
  });
  return { coordinator, watch, end };
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
