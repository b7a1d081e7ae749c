import type { Config, DatabaseConfig, Rules } from "../config/mod.ts";
import { formatQuantity } from "../language/mod.ts";
import { findConfigFile, readConfig } from "./config_file.ts";
import type { Run, Terminal } from "./invocation.ts";

/** `query-sniper validate-config`. */
export const validateConfig: Run = async (invocation, terminal) => {
  const files = invocation.arguments.length > 0
    ? invocation.arguments
    : [await findConfigFile(invocation, terminal)];
  let valid = true;
  for (const file of files) valid = await validate(file, terminal) && valid;
  return valid ? 0 : 2;
};

async function validate(file: string, terminal: Terminal): Promise<boolean> {
  const config = await readConfig(file, "if-present", terminal);
  if (config !== undefined) terminal.print(summary(config));
  return config !== undefined;
}

function summary({ file, databases, journal = "off" }: Config): string {
  const isArmed = databases.some(({ rules }) => rules.mode === "enforce");
  return [
    `${file}: valid`,
    ...isArmed ? [`journal: ${journal}`] : [],
    ...databases.flatMap(databaseSummary),
  ].join("\n");
}

function databaseSummary(
  { name, address, account, interval, tls, rules }: DatabaseConfig,
): readonly string[] {
  const where = "socket" in address ? address.socket : `${address.host}:${address.port}`;
  const { kills, per, share } = rules.budget;
  return [
    `${name} (${where}): ${rules.mode}, a look every ${duration(interval)}, ssl_mode ${tls.mode}, ` +
    `${kills} kills and ${formatQuantity({ type: "percent", value: share })} per ${duration(per)}${
      account === undefined ? "" : `, as ${account.user} with password ***`
    }`,
    ...limitsSummary(rules),
    ...rules.policies.map((policy) =>
      [
        `  ${policy.name}${policy.mode === undefined ? "" : ` (${policy.mode})`}: ${policy.then}`,
        `when ${policy.when?.source ?? "always"}${policy.for > 0 ? ` for ${duration(policy.for)}` : ""},`,
        `where ${policy.where.source}`,
      ].join(" ")
    ),
    ...rules.protect.map(({ source }) => `  protected: ${source}`),
  ];
}

function limitsSummary({ policies, limits }: Rules): readonly string[] {
  // Every expression knows the types of all limits; without a policy there is nothing that uses one.
  const types = policies[0]?.where.limitTypes;
  const texts = Object.entries(limits).flatMap(([name, value]) => {
    const type = types?.get(name);
    return type === undefined ? [] : [`${name} ${formatQuantity({ type, value })}`];
  });
  return texts.length === 0 ? [] : [`  limits: ${texts.join(", ")}`];
}

function duration(value: number): string {
  return formatQuantity({ type: "duration", value });
}
