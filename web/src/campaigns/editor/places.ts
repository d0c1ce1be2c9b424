/** Where in a text the server found a fault: pure. */

const PLACE = /^line (\d+), column (\d+):/;

/** Line and column, both from 1, of a message that names them. */
export function placeIn(message: string): { line: number; column: number } | null {
  const [, line, column] = PLACE.exec(message) ?? [];
  return line && column ? { line: Number(line), column: Number(column) } : null;
}

/** How many characters stand before that place. The end of the text, where it has no such place. */
export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const before = text.split("\n").slice(0, line - 1);
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(start + column - 1, text.length);
}
