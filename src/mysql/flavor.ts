/** The kinds of servers. */
export const FLAVORS = ["mysql", "mariadb"] as const;
export type Flavor = typeof FLAVORS[number];
