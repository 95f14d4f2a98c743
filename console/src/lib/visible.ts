// SPDX-License-Identifier: Apache-2.0
// Text from the network is shown so that it cannot pretend to be other text.

// C0, DEL, C1; soft hyphen, Arabic letter mark, Mongolian vowel separator; zero widths and marks of
// direction; line and paragraph separators; embeddings, overrides, isolates; fillers; BOM; tags.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** Control, invisible and direction-changing characters become their code, as ‹U+202E›. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (c) => {
    const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `‹U+${code}›`;
  });
}

/** At most `max` characters; the middle gives way, because the ends of a name tell most. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) * 0.6);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}
