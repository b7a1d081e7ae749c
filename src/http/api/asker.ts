import type { Context } from "hono";
import { printable } from "../../text/control.ts";

/** What a guard knows of who asks, in the environment of a request. */
interface Environment {
  readonly caller?: { readonly name?: string; readonly address?: string };
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
}

/** Who asks, as it is written down: the name that they give, and what is known of them: a certificate, an address. */
export function whoAsks({ env }: Context, by: string | undefined): string {
  const { caller, incoming } = (env ?? {}) as Environment;
  const address = caller?.address ?? incoming?.socket?.remoteAddress;
  const certificate = caller?.name === undefined ? undefined : `certificate ${printable(caller.name)}`;
  const known = [certificate, address].filter((part) => part !== undefined).join(", ");
  if (by === undefined) return known === "" ? "unknown" : known;
  return known === "" ? by : `${by} (${known})`;
}
