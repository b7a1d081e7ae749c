import { ACTIONS, type Domain } from "../policy/mod.ts";
import { CONSENT } from "./consent.ts";
import { whyNever } from "./never.ts";
import { ORDERS } from "./victim_orders.ts";
import { namesOfPart, VOCABULARY } from "./vocabulary/vocabulary.ts";

/** Databases, as the policy engine knows them. */
export const DATABASE_DOMAIN: Domain = {
  name: "database",
  vocabulary: VOCABULARY,
  actions: ACTIONS,
  whyNever,
  consent: CONSENT,
  orders: ORDERS,
  holds: namesOfPart("holds"),
  paced: [...namesOfPart("transaction"), ...namesOfPart("locks"), ...namesOfPart("holds")],
};
