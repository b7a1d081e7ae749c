import { quoted } from "../text/nearest.ts";
import type { ProxysqlEvent } from "./proxysql_event.ts";

/** Describes an event of a ProxySQL for people. */
export function describeProxysql(event: ProxysqlEvent): string {
  return `${event.proxysql}: ${wordsOf(event)}`;
}

function wordsOf(event: ProxysqlEvent): string {
  switch (event.event) {
    case "proxysql-connected":
      return `ProxySQL ${event.version} answers`;
    case "proxysql-unreachable":
      return `${event.reason}${event.advice === undefined ? "" : `: ${event.advice}`}`;
    case "proxysql-wedged":
      return `it does not answer in time: ${event.reason}`;
    case "proxysql-leader":
      return `${LEADERS[event.state]}${event.holder === undefined ? "" : `: ${event.holder}`}${why(event)}`;
    case "proxysql-peer":
      return `${event.peer} ${PEERS[event.state]}${why(event)}`;
    case "proxysql-resync": {
      const listed = event.peers === undefined ? "" : `, ${plural(event.peers, "core")} listed`;
      return `the list of cores from its file, ${event.state}: ${event.reason}${listed}`;
    }
    case "proxysql-stamp":
      return `stamp of ${event.parts.join(", ")}: ${event.state}${why(event)}`;
    case "proxysql-account":
    case "proxysql-unstamped":
    case "proxysql-conflict":
      return `${event.reason}: ${event.advice}`;
    case "proxysql-drain": {
      const sessions = event.sessions === undefined ? "" : `, ${plural(event.sessions, "session")}`;
      return `drain: ${event.state}${sessions}${why(event)}`;
    }
    case "proxysql-dump": {
      const file = event.file === undefined ? "" : ` to ${quoted(event.file)}`;
      const rows = event.rows === undefined ? "" : `, ${plural(event.rows, "row")}`;
      return `dump of digests${file}: ${event.state}${rows}${why(event)}`;
    }
    case "proxysql-purge":
      return event.state === "done"
        ? `its digests were emptied: ${event.reason}`
        : `its digests are not emptied: ${event.reason}`;
    case "proxysql-backend":
      return `${event.backend} of hostgroup ${event.hostgroup} is ${event.status}${
        event.before === undefined ? "" : `, and was ${event.before}`
      }`;
    case "proxysql-dry-run":
      return `dry run, not sent (${event.act}): ${event.statements.join(" · ")}`;
    case "proxysql-status":
      return statusWords(event);
    case "proxysql-plugin":
      return `plugin ${quoted(event.plugin)}: ${event.state}${why(event)}`;
  }
}

function statusWords(event: Extract<ProxysqlEvent, { readonly event: "proxysql-status" }>): string {
  const { state, role, version, live, ready, reasons, draining, leader, backends, peers, works } = event;
  return [
    `${version === undefined ? "ProxySQL" : `ProxySQL ${version}`} is ${state}`,
    `role ${role}`,
    live ? "live" : "not live",
    ready ? "ready" : `not ready: ${reasons.join("; ")}`,
    ...draining ? ["it drains"] : [],
    ...leader === undefined ? [] : [`leader ${leader}`],
    `backends ${counts(backends)}`,
    `cores ${counts(peers)}`,
    ...works.length === 0 ? [] : [`under way: ${works.join(", ")}`],
  ].join(", ");
}

function counts(by: Readonly<Record<string, number>>): string {
  const words = Object.entries(by).map(([state, count]) => `${count} ${state}`);
  return words.length === 0 ? "none" : words.join(" ");
}

const LEADERS = {
  leads: "this agent leads",
  follows: "another agent leads",
  nobody: "no agent leads",
  unknown: "who leads is not known",
};

const PEERS = {
  joined: "joined",
  left: "left",
  kept: "stays listed",
  silent: "is silent",
  back: "answers again",
};

function why({ reason }: { readonly reason?: string }): string {
  return reason === undefined ? "" : `: ${reason}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
