import { join } from "node:path";
import { messageOf } from "../../text/message.ts";

/** Sends what a service says to its manager. */
export interface NotifySocket {
  /**
   * Sends lines as one message.
   * @throws If the manager's socket cannot be reached.
   */
  send(lines: readonly string[]): Promise<void>;
  close(): void;
}

/** Why the service manager cannot be told, in words. */
export class NotifyError extends Error {
  override readonly name = "NotifyError";
}

export interface NotifySocketOptions {
  /** The manager's socket: `$NOTIFY_SOCKET`. */
  readonly path: string;
  /** Where to put a socket of one's own: `$RUNTIME_DIRECTORY`; absent: a temporary folder. */
  readonly folder: string | undefined;
  /** Of the runtime; absent: this runtime's. Undefined if it has none. */
  readonly listen?: Listen | undefined;
}

/** `Deno.listenDatagram`, which is there only where the runtime was told `--unstable-net`. */
export type Listen = (address: UnixAddress) => DatagramSocket;

interface UnixAddress {
  readonly transport: "unixpacket";
  readonly path: string;
}

interface DatagramSocket {
  send(bytes: Uint8Array, address: UnixAddress): Promise<number>;
  close(): void;
}

/**
 * Opens a socket to the service manager. The runtime sends datagrams only from a socket that has a name, so one is made
 * in a folder, and its name is removed at once: nothing is left behind, however the program ends.
 * @throws {NotifyError}
 */
export async function openNotifySocket(
  { path, folder, listen = runtimeListen() }: NotifySocketOptions,
): Promise<NotifySocket> {
  if (!path.startsWith("/")) {
    throw new NotifyError("this program can reach no socket without a file, as $NOTIFY_SOCKET names one");
  }
  if (listen === undefined) throw new NotifyError("this program was compiled without --unstable-net");
  const socket = await bound(listen, folder);
  const encoder = new TextEncoder();
  return {
    async send(lines) {
      await socket.send(encoder.encode(lines.join("\n")), { transport: "unixpacket", path });
    },
    close: () => socket.close(),
  };
}

function runtimeListen(): Listen | undefined {
  return Reflect.get(Deno, "listenDatagram") as Listen | undefined;
}

async function bound(listen: Listen, folder: string | undefined): Promise<DatagramSocket> {
  let own: string | undefined;
  try {
    own = await Deno.makeTempDir({
      prefix: "query-sniper-notify-",
      ...folder !== undefined && { dir: folder },
    });
    return listen({ transport: "unixpacket", path: join(own, "socket") });
  } catch (error) {
    const reason = messageOf(error);
    const where = folder === undefined ? "a temporary folder" : "$RUNTIME_DIRECTORY";
    throw new NotifyError(`no socket can be made in ${where}: ${reason}`);
  } finally {
    if (own !== undefined) await Deno.remove(own, { recursive: true }).catch(() => {});
  }
}
