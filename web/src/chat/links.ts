/** What is written, in pieces: text, and addresses one can follow. */
export interface Piece {
  text: string;
  /** Only ever http or https. */
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi;
/** Punctuation after an address belongs to the sentence. */
const AFTER = /[.,;:!?…*_~]+$/;

export function piecesOf(content: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of content.matchAll(ADDRESS)) {
    const text = withoutPunctuation(found);
    if (!URL.canParse(text)) continue;
    if (index > end) pieces.push({ text: content.slice(end, index) });
    pieces.push({ text, href: text });
    end = index + text.length;
  }
  if (end < content.length) pieces.push({ text: content.slice(end) });
  return pieces;
}

/** A bracket that was opened before the address is closed after it. */
function withoutPunctuation(found: string): string {
  const text = found.replace(AFTER, "");
  const open = text.split("(").length;
  const closed = text.split(")").length;
  return text.endsWith(")") && closed > open ? withoutPunctuation(text.slice(0, -1)) : text;
}
