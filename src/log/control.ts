/**
 * Characters that are not seen but act on whoever prints them: control and format characters (those that
 * turn the direction of writing included), line and paragraph separators, halves of surrogate pairs.
 */
export const CONTROL: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
