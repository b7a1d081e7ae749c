import { didYouMean, quoted } from "../../text/nearest.ts";
import { ApiError } from "./api_error.ts";

/** There is no database of this name. */
export function noDatabase(status: 400 | 404, name: string, names: readonly string[]): ApiError {
  return new ApiError(
    status,
    `There is no database of this name: ${quoted(name)}${didYouMean(name, names, '"')}`,
  );
}
