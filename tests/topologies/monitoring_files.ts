import { parse } from "@std/yaml";
import { DEPLOY } from "./prometheus_stage.ts";

/** The rules, as their file has them. */
export const RULES: string = await Deno.readTextFile(`${DEPLOY}prometheus/query-sniper.rules.yaml`);
/** The dashboard. */
export const DASHBOARD: Dashboard = JSON.parse(await Deno.readTextFile(`${DEPLOY}grafana/query-sniper.json`));

/** A rule, as the file has it. */
export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** The rules of alerts, in the order of the file. */
export const ALERTS: readonly Rule[] =
  (parse(RULES) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] })
    .groups.flatMap(({ rules }) => rules);

/** A panel of the dashboard, or the heading of a row. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

/** What Grafana imports; the part that is read. */
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

/** An expression as Grafana sends it with all databases chosen, over the last 10 seconds. */
export function asSent(expression: string): string {
  return expression.replaceAll(/\$(?:job|database)\b/g, ".*").replaceAll(
    /\$__(?:rate_interval|range)\b/g,
    "10s",
  );
}
