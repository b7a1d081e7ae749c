import type { ProvisionConfig } from "../../config/mod.ts";
import { execProvisioner } from "./exec.ts";
import { httpProvisioner } from "./http.ts";
import type { Provisioner } from "./provisioner.ts";

export { type Patience, waitForServer } from "./wait.ts";
export { type Provisioner, ProvisionError, type ServerRequest, type ServerState } from "./provisioner.ts";

/** What makes servers, as configured. */
export function provisionerOf(config: ProvisionConfig): Provisioner {
  return config.kind === "http" ? httpProvisioner(config) : execProvisioner(config);
}
