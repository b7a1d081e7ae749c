/** A pause as the page shows it. */
export interface ShownPause {
  /** Absent: all databases. */
  readonly database?: string;
  readonly reason: string;
  /** Who asked for it; absent: a file pauses, which only its removal ends. */
  readonly by?: string;
  readonly until?: string;
}

/** What is asked for it. */
export interface PauseSource {
  state(): Promise<{
    /** The text of the pause file; absent: there is none. */
    readonly file?: string;
    /** Why nobody knows what is paused, which pauses all. */
    readonly broken?: string;
    /** Those that somebody asked for, with moments in milliseconds since 1970. */
    readonly listed: readonly (Omit<ShownPause, "until"> & { readonly until?: number })[];
  }>;
}

/** All that pauses kills, a line each. */
export function shownPauses(
  { file, broken, listed }: Awaited<ReturnType<PauseSource["state"]>>,
): readonly ShownPause[] {
  return [
    ...[file, broken].flatMap((reason) => reason === undefined ? [] : [{ reason }]),
    ...listed.map(({ database, reason, by, until }) => ({
      ...database !== undefined && { database },
      reason,
      ...by !== undefined && { by },
      ...until !== undefined && { until: new Date(until).toISOString() },
    })),
  ];
}
