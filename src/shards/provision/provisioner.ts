/** What a provisioner is asked for. */
export interface ServerRequest {
  /** The name that the shard has or will have: for one name there is one server, however often it is asked for. */
  readonly name: string;
  readonly schema: string;
  /** Why, in words. */
  readonly reason: string;
}

/** What a provisioner says: a server is ready, comes later, or does not come. */
export type ServerState =
  | { readonly state: "ready"; readonly host: string; readonly port: number }
  | { readonly state: "pending"; readonly retryAfter?: number }
  | { readonly state: "failed"; readonly reason: string };

/** Makes servers, and gives them back. Both may be asked again with the same name, and then do nothing more. */
export interface Provisioner {
  readonly kind: "http" | "exec";
  /**
   * Asks for a server, once.
   * @throws {ProvisionError} It is not known whether one is there.
   */
  ask(request: ServerRequest, signal: AbortSignal): Promise<ServerState>;
  /**
   * Gives a server back, once. A name of which it knows nothing is done.
   * @throws {ProvisionError}
   */
  destroy(request: ServerRequest, signal: AbortSignal): Promise<"done" | "pending">;
}

/** A provisioner that could not be asked, or whose answer is none. The message has no address and no secret. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
  /** Whether to ask again makes no sense. */
  readonly isFinal: boolean;
  /** How long it wants to be left alone, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { isFinal = false, retryAfter }: {
    readonly isFinal?: boolean;
    readonly retryAfter?: number | undefined;
  } = {}) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfter = retryAfter;
  }
}
