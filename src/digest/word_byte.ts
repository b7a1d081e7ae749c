/** Whether a byte of UTF-8 belongs to words: a letter, a digit, "_", "$", and all that is not ASCII (number.ts). */
export function isWordByte(byte: number): boolean {
  if (byte >= 128) return true;
  const small = byte | 32;
  return (small >= 97 && small <= 122) || (byte >= 48 && byte <= 57) || byte === 95 || byte === 36;
}

/** The offset after the word at `start`; behind the text there is a byte that belongs to none. */
export function wordEndOf(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isWordByte(bytes[at]!)) at++;
  return at;
}

/** Whether a word in small ASCII letters stands at an offset, in any case. */
export function isWordAt(bytes: Uint8Array, at: number, word: readonly number[]): boolean {
  for (let index = 0; index < word.length; index++) {
    // The bit that tells small letters from capital ones; a word has nothing else that it turns into a letter.
    if ((bytes[at + index]! | 32) !== word[index]) return false;
  }
  return true;
}
