/** What a server can be. */
export const FLAVORS = ["mysql", "mariadb"] as const;
/** What the server is. */
export type Flavor = typeof FLAVORS[number];
