import { ioReason } from "../yaml/mod.ts";

/** A file of a drain cannot be written; the message names it. */
export class DrainFileError extends Error {
  override readonly name = "DrainFileError";
}

/** @throws {DrainFileError} For whatever `work` throws. */
export async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DrainFileError(`${file} cannot be written: ${ioReason(error)}`, { cause: error });
  }
}
