import type { ServiceManager, ServiceManagerOptions } from "./service_manager/service_manager.ts";

/** The service manager to tell, if one started the program: without it the code for it is not even loaded. */
export async function openServiceManager(
  options: ServiceManagerOptions,
): Promise<ServiceManager | undefined> {
  const socket = options.environment("NOTIFY_SOCKET");
  if (socket === undefined || socket === "") return undefined;
  const { ServiceManager } = await import("./service_manager/service_manager.ts");
  return await ServiceManager.open(options);
}
