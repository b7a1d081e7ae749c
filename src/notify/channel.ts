import type { Secret } from "../text/secret.ts";
import type { Bundle } from "./bundle.ts";

/** A request to send. */
export interface Letter {
  readonly url: Secret;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The subjects that it tells of; absent: of all that is in the bundle. */
  readonly subjects?: readonly string[];
}

/** A way to tell somebody. */
export interface Channel {
  /** Whether the other side keeps what is open until it is told the end. */
  readonly keepsState: boolean;
  /**
   * The requests that tell of a bundle; what one message has no place for is counted in it, or waits for the next.
   * @param now Milliseconds since 1970.
   */
  letters(bundle: Bundle, now: number): readonly Letter[];
}
