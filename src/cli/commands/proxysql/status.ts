import { addressText } from "../../../config/mod.ts";
import { healthOf, jsonOf, readStatus, type Status } from "../../../proxysql/mod.ts";
import { durationWords } from "../../../report/duration.ts";
import { printable } from "../../../text/control.ts";
import { columns } from "../../columns.ts";
import type { Elected } from "./running_agent.ts";
import type { Task } from "./task.ts";

/** `proxysql status`: what a ProxySQL is, and what is around it. */
export const status: Task = async ({ proxysql, invocation: { options }, terminal, connect }) => {
  const { address, role, backends, drain, missingAfter, http, timeout } = proxysql;
  await using admin = connect("read");
  const found = await readStatus(admin, { missingAfter });
  const { ok: ready, reasons } = await healthOf(admin, "ready", { role, backends, draining: drain.file });
  const { version, ...rest } = found;
  // Only an agent that runs knows it.
  const leader = http && await (await import("./running_agent.ts")).askLeader(http, { timeout });
  const all = {
    ...{ address: addressText(address), version, role, leader: leader ?? null, ready, reasons },
    ...rest,
  };
  terminal.print(...options.get("format") === "json" ? [jsonOf(all)] : statusText(all));
  return 0;
};

type Shown = Status & {
  readonly address: string;
  readonly role: string;
  readonly leader: Elected | null;
  readonly ready: boolean;
  readonly reasons: readonly string[];
};

function statusText(status: Shown): readonly string[] {
  const { address, version, role, leader, uptime_s, paused, ready, reasons, sessions, checksums } = status;
  const up = uptime_s === null ? "" : `, up ${durationWords(uptime_s * 1000)}`;
  const listens = paused === null ? "unknown" : paused ? "paused" : "yes";
  return [
    `ProxySQL ${version} at ${address}${up}`,
    `role ${role}, leader ${leaderText(leader)}, takes connections: ${listens}, ${
      ready ? "ready" : `not ready: ${reasons.join("; ")}`
    }`,
    ...section(["PEER", "STATE", "UP", "LAST ANSWER"], peerCells(status)),
    ...section(
      ["SATELLITE", "LAST SEEN"],
      status.satellites?.map(({ address, last_seen }) => [address, last_seen ?? "-"]) ?? [],
    ),
    ...section(["CONFIGURATION", "VERSION", "EPOCH", "CHECKSUM", "PEERS THAT DIFFER"], checksumCells(status)),
    ...checksums === null ? ["", "who may read statistics only does not see its own checksums"] : [],
    ...section(
      ["HOSTGROUP", "BACKEND", "STATUS", "USED", "FREE", "ERRORS", "QUERIES", "LATENCY"],
      status.backends.map(({ hostgroup, address, status, used, free, errors, queries, latency_us }) => [
        ...[hostgroup, address, status, used, free, errors, queries].map(cell),
        latency_us === null ? "-" : `${latency_us} us`,
      ]),
    ),
    ...section(
      ["USER", "SESSIONS", "IDLE"],
      sessions.map(({ user, sessions, idle }) => [user, String(sessions), String(idle)]),
    ),
  ];
}

function leaderText(leader: Elected | null): string {
  if (leader === null) return "-";
  if (leader.state === "leads") return "this one";
  return printable(leader.holder ?? leader.state);
}

function peerCells({ peers }: Shown): readonly (readonly string[])[] {
  return peers.map(({ address, state, uptime_s, last_check_ms }) => [
    address,
    state,
    uptime_s === null || uptime_s === 0 ? "-" : durationWords(uptime_s * 1000),
    // Of a peer that was never reached this is no answer's age.
    state === "unreached" || last_check_ms === null ? "-" : `${durationWords(last_check_ms)} ago`,
  ]);
}

function checksumCells({ checksums, peer_checksums: others }: Shown): readonly (readonly string[])[] {
  return (checksums ?? []).map(({ name, version, epoch, checksum }) => {
    const differing = others.filter((other) => other.name === name && other.checksum !== checksum);
    return [
      ...[name, version, epoch, checksum].map(cell),
      differing.map(({ peer }) => peer).join(", ") || "-",
    ];
  });
}

function section(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ["", ...columns([heading, ...rows])];
}

function cell(value: string | number | bigint | null): string {
  return value === null ? "-" : String(value);
}
