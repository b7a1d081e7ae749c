import type { NameRow } from "../../language/mod.ts";
import type { Need } from "../need.ts";

/** Families of names whose keys users choose: each row stands for `NAME.KEY`. */
export const FAMILIES = [
  { name: "metric", scope: "database", type: "number", meaning: "a number from the user's own SQL" },
  {
    name: "tag",
    scope: "session",
    type: "string",
    meaning: "a value in a comment of the running statement (sqlcommenter, marginalia); '' without it",
    costly: true,
    private: true,
    text: "any",
    needs: ["whole_texts"],
  },
  {
    name: "attribute",
    scope: "session",
    type: "string",
    meaning: "what the client said of itself when it connected; '' where it did not",
    costly: true,
    private: true,
    text: "any",
    needs: ["attributes"],
  },
] as const satisfies readonly (NameRow & { readonly needs?: readonly Need[] })[];
