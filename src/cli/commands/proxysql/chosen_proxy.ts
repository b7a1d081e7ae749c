import type { Config, ProxysqlConfig } from "../../../config/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import type { Invocation } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";

/**
 * The ProxySQL that `--proxy` names, which may be left out where there is one only.
 * @throws {UsageError} There is none, or it is not said which.
 */
export function chosenProxy({ file, proxies }: Config, { options }: Invocation): ProxysqlConfig {
  const [first] = proxies;
  if (first === undefined) {
    throw new UsageError(`there is no "proxysql" in this configuration: ${quoted(file)}`);
  }
  const names = proxies.map(({ name }) => name);
  const name = options.get("proxy") ?? (proxies.length === 1 ? first.name : undefined);
  if (name === undefined) throw new UsageError(`--proxy says which one: ${names.join(", ")}`, "proxysql");
  const chosen = proxies.find((each) => each.name === name);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`no ProxySQL has this name: ${quoted(name)}${didYouMean(name, names, '"')}`);
}
