import { assert } from "@std/assert";
import { ProvisionError } from "../../../src/shards/provision/mod.ts";

/** The error by which this is refused; fails where it is not. */
export async function refused(use: () => unknown): Promise<ProvisionError> {
  try {
    await use();
  } catch (error) {
    assert(error instanceof ProvisionError, String(error));
    return error;
  }
  throw new Error("it was not refused");
}
