import type { CheckedDatabase, CheckReport, PolicyCheck } from "./check_report.ts";
import { quoted } from "../../../text/nearest.ts";
import { columns } from "../../columns.ts";
import { SHIELD_UNKNOWN } from "../explain/explanation_text.ts";

/** A clock that is off by more than this is reported, in milliseconds. */
const WORTH_TELLING = 1000;

/**
 * The findings on all databases, for people: a table, then the problems.
 * @param holds Why nothing is killed from this host.
 */
export function checkText(
  reports: readonly CheckReport[],
  holds: readonly string[] = [],
): readonly string[] {
  const lines = columns([HEADINGS, ...reports.map(cells)]);
  const findings = [
    ...holds,
    ...reports.flatMap((report) => [...ownHolds(report, holds), ...findingsOf(report)]),
  ];
  return [...lines, ...findings.length === 0 ? [] : ["", ...findings]];
}

/** What holds kills back on this database and not on all of them. */
function ownHolds(report: CheckReport, holds: readonly string[]): readonly string[] {
  const { held = [] } = "unreachable" in report ? {} : report;
  return held.filter((text) => !holds.includes(text)).map((text) => `${report.database}: ${text}`);
}

const HEADINGS = [
  "DATABASE",
  "SERVER",
  "TLS",
  "MODE",
  "ROLE",
  "FOLLOWS",
  "LAG BY",
  "DIGEST",
  "KILL",
  "PROOF",
  "POLICIES",
];

function cells(report: CheckReport): readonly string[] {
  if ("unreachable" in report) return [report.database, "unreachable", ...HEADINGS.slice(2).map(() => "")];
  const { database, flavor, version, mode, role, sources, methods, proof, policies } = report;
  const works = policies.filter(({ ok }) => ok).length;
  return [
    database,
    `${flavor} ${version.split("-")[0]}`,
    encryption(report),
    mode,
    role,
    sources.join(", ") || "-",
    methods.lag?.replace(/^none: .*/s, "none") ?? "-",
    methods.digest,
    methods.kill,
    "failed" in proof ? "failed" : `${proof.ms.toFixed(1)} ms`,
    works === policies.length
      ? `${works} can work`
      : `${policies.length - works} of ${policies.length} cannot`,
  ];
}

function encryption({ encrypted, tls, socket }: CheckedDatabase): string {
  if (!encrypted) return socket ? "socket" : "none";
  return tls === undefined ? "yes" : `${tls.version} ${tls.cipher}`;
}

/** Notes for people, one line each. */
function findingsOf(report: CheckReport): readonly string[] {
  const { database } = report;
  if ("unreachable" in report) return [`${database}: ${report.unreachable}`];
  const { proof, policies } = report;
  return [
    ...clockFinding(report),
    ..."failed" in proof ? [`${database}: a session of its own could not be killed: ${proof.failed}`] : [],
    ...grouped(policies, "problems").map((text) => `${database}: ${text}`),
    ...grouped(policies, "to_arm").map((text) => `${database}: once it is armed, ${text}`),
    ...reachFinding(report),
    ...proxyFindings(report),
    ...policies.length === 0 ? [`${database}: no policy is in force there`] : [],
  ];
}

function reachFinding(
  { database, out_of_reach, out_of_reach_remedy }: CheckedDatabase,
): readonly string[] {
  if (out_of_reach === null) return [`${database}: ${SHIELD_UNKNOWN}: ${out_of_reach_remedy}`];
  if (out_of_reach.length === 0) return [];
  const accounts = out_of_reach.map((account) => quoted(account)).join(", ");
  return [
    `${database}: these accounts have SYSTEM_USER, and a kill of their sessions is refused: ${accounts}`,
  ];
}

function proxyFindings({ database, proxies = [] }: CheckedDatabase): readonly string[] {
  return proxies.flatMap(({ proxy, problems }) =>
    problems.map((text) => `${database}: the proxy ${quoted(proxy)}: ${text}`)
  );
}

function clockFinding({ database, clock_ahead_ms: ahead }: CheckedDatabase): readonly string[] {
  if (Math.abs(ahead) < WORTH_TELLING) return [];
  const way = ahead > 0 ? "ahead of" : "behind";
  return [`${database}: its clock is ${(Math.abs(ahead) / 1000).toFixed(1)} s ${way} the one of this host`];
}

/** What applies to several policies is printed once. */
function grouped(policies: readonly PolicyCheck[], key: "problems" | "to_arm"): readonly string[] {
  const byText = Map.groupBy(
    policies.flatMap((policy) => policy[key].map((text) => ({ text, policy: policy.policy }))),
    ({ text }) => text,
  );
  return [...byText].map(([text, found]) => `${found.map(({ policy }) => policy).join(", ")} ${text}`);
}
