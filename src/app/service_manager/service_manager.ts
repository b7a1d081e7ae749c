import type { Clock } from "../../clock.ts";
import type { DatabaseStatus } from "../watches.ts";
import { NotifyError, type NotifySocket, openNotifySocket } from "./notify_socket.ts";
import { Pulse } from "./pulse.ts";
import { statusText } from "./status_text.ts";
import { messageOf } from "../../text/message.ts";

/** What a service tells its manager about. */
export interface Watched {
  status(): { readonly databases: readonly DatabaseStatus[] };
  /** How it is, in one line, where it is no fleet of databases. @param silent How many do nothing any more. */
  text?(silent: number): string;
}

export interface ServiceManagerOptions {
  readonly clock: Clock;
  environment(name: string): string | undefined;
  /** The id of this process. */
  readonly pid: number;
  /** Is told in words, once, if the manager cannot be told. */
  warn(text: string): void;
  /** For tests; absent: the manager's socket. */
  readonly open?: typeof openNotifySocket;
}

/** The longest time between two messages, in milliseconds: then the manager shows a state that is that old. */
const LONGEST_TURN = 10_000;
/** How long the end of the program waits for its last message, in milliseconds. */
const LAST_MESSAGE = 200;

/**
 * Tells the service manager (systemd, by sd_notify's protocol) that the program is ready, reloads, or stops, how its
 * databases are, and that it still works. If the manager wants signs of life it gets them only while looks are made, or
 * tried: a program that no longer does anything, or is stuck, is restarted. One whose databases are all down is not.
 */
export class ServiceManager {
  readonly #socket: NotifySocket;
  readonly #options: ServiceManagerOptions;
  /** The time in which the manager wants a sign of life, in milliseconds; undefined: it wants none. */
  readonly #patience: number | undefined;
  readonly #stop = new AbortController();
  readonly #pulse = new Pulse();
  #sent: Promise<void> = Promise.resolve();
  #isSending = false;
  #hasFailed = false;
  #watched: Watched | undefined;

  private constructor(socket: NotifySocket, options: ServiceManagerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#patience = patienceIn(options);
  }

  /** Undefined, after a warning, if the manager cannot be told. */
  static async open(options: ServiceManagerOptions): Promise<ServiceManager | undefined> {
    const { environment, warn, open = openNotifySocket } = options;
    try {
      // There may be several folders, separated by colons.
      const folder = environment("RUNTIME_DIRECTORY")?.split(":")[0];
      return new ServiceManager(await open({ path: environment("NOTIFY_SOCKET") ?? "", folder }), options);
    } catch (error) {
      if (!(error instanceof NotifyError)) throw error;
      warn(notTold(error.message));
      return undefined;
    }
  }

  /** The program watches. From now on the manager is told how it goes. */
  begin(watched: Watched): void {
    this.#watched = watched;
    this.ready();
    this.#run();
  }

  /** The configuration is read again. */
  reloading(): void {
    this.#send(["RELOADING=1"]);
  }

  /** It is in force, or refused: in either case the program watches. */
  ready(): void {
    this.#send(["READY=1", ...this.#now()]);
  }

  /** The program begins to end. Waits a moment for the message to be sent. */
  async end(): Promise<void> {
    this.#stop.abort();
    this.#send(["STOPPING=1"]);
    await Promise.race([this.#sent, this.#options.clock.sleep(LAST_MESSAGE)]);
    this.#socket.close();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const turn = Math.min(LONGEST_TURN, (this.#patience ?? Infinity) / 2);
    while (!signal.aborted) {
      await clock.sleep(turn, signal);
      // A manager that takes nothing now gets the next message.
      if (!signal.aborted && !this.#isSending) this.#send(this.#now());
    }
  }

  /** How it goes, and a sign of life unless nothing goes on. */
  #now(): readonly string[] {
    const { databases } = this.#watched?.status() ?? { databases: [] };
    const silent = this.#pulse.silent(databases, this.#options.clock.now());
    const isAlive = databases.length === 0 || silent.length < databases.length;
    return [
      `STATUS=${this.#watched?.text?.(silent.length) ?? statusText(databases, silent.length)}`,
      ...isAlive && this.#patience !== undefined ? ["WATCHDOG=1"] : [],
    ];
  }

  #send(lines: readonly string[]): void {
    this.#isSending = true;
    this.#sent = this.#sent.then(() => this.#socket.send(lines)).catch((error) => this.#failed(error))
      .then(() => {
        this.#isSending = false;
      });
  }

  #failed(error: unknown): void {
    if (this.#hasFailed || this.#stop.signal.aborted) return;
    this.#hasFailed = true;
    this.#options.warn(notTold(messageOf(error)));
  }
}

function notTold(reason: string): string {
  return `query-sniper: the service manager is not told that the program works: ${reason}: ` +
    "a unit of Type=notify waits for that in vain, and WatchdogSec= ends the program: use Type=exec without it";
}

/** As the manager asks for it: `$WATCHDOG_USEC`, unless `$WATCHDOG_PID` names another process. */
function patienceIn({ environment, pid }: ServiceManagerOptions): number | undefined {
  const [time, of] = [environment("WATCHDOG_USEC"), environment("WATCHDOG_PID")];
  if (time === undefined || !/^[0-9]{1,15}$/.test(time) || Number(time) === 0) return undefined;
  return of === undefined || of === "" || of === String(pid) ? Number(time) / 1000 : undefined;
}
