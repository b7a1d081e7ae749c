/** What a server can be. */
export const FLAVORS = ["mysql", "mariadb"] as const;
export type Flavor = typeof FLAVORS[number];
