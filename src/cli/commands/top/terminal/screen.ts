import { type Line, painted } from "./line.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a screen needs of the process. */
export interface Console {
  isTerminal(): boolean;
  size(): Size;
  setRaw(isRaw: boolean): void;
  write(bytes: Uint8Array): void;
}

/** The process's own terminal. */
export const processConsole: Console = {
  isTerminal: () => Deno.stdin.isTerminal() && Deno.stdout.isTerminal(),
  size: () => Deno.consoleSize(),
  setRaw: (isRaw) => Deno.stdin.setRaw(isRaw),
  write(bytes) {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  },
};

/** Alternate screen, no cursor, no wrapping of lines. */
const BEGIN = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const END = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
/** A terminal that knows this shows a frame only when it is whole. */
const [FRAME, WHOLE] = ["\x1b[?2026h\x1b[H", "\x1b[?2026l"];
/** Before a line: behind one that fills its row it would take the last character. */
const ERASE = "\x1b[2K";

/**
 * A terminal's whole screen, until it is closed. Closing it gives the terminal back as it was, and may be done twice.
 */
export class Screen implements Disposable {
  readonly #console: Console;
  readonly #color: boolean;
  #isOpen = true;
  #shown = "";

  constructor(console: Console, { color }: { readonly color: boolean }) {
    this.#console = console;
    this.#color = color;
    console.setRaw(true);
    this.#write(BEGIN);
  }

  get size(): Size {
    return this.#console.size();
  }

  /** Shows as many lines as there is room for. What is shown already is not written again. */
  show(lines: readonly Line[], { columns, rows }: Size): void {
    if (!this.#isOpen) return;
    const options = { width: columns, color: this.#color };
    const text = lines.slice(0, rows).map((parts) => `${ERASE}${painted(parts, options)}`).join("\r\n");
    if (text === this.#shown) return;
    this.#shown = text;
    this.#write(`${FRAME}${text}${WHOLE}`);
  }

  /** The next frame is written whole: the terminal's size has changed. */
  forget(): void {
    this.#shown = "";
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#write(END);
    } finally {
      this.#console.setRaw(false);
    }
  }

  #write(text: string): void {
    this.#console.write(new TextEncoder().encode(text));
  }
}

/** What may end the program past every `finally`. */
const ENDS = ["error", "unhandledrejection", "unload"] as const;

/** Uses a whole screen, and gives the terminal back however that ends; only SIGKILL is stronger. */
export async function withScreen<T>(
  console: Console,
  options: { readonly color: boolean },
  use: (screen: Screen) => Promise<T>,
): Promise<T> {
  const screen = new Screen(console, options);
  const close = () => screen[Symbol.dispose]();
  for (const end of ENDS) globalThis.addEventListener(end, close);
  try {
    return await use(screen);
  } finally {
    for (const end of ENDS) globalThis.removeEventListener(end, close);
    close();
  }
}
