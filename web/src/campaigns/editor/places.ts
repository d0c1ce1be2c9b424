/** Where in a text the server found a fault: pure. */

/** How many characters stand before a line and column, both from 1. The end of the text, where it is shorter. */
export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const before = text.split("\n").slice(0, line - 1);
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(start + column - 1, text.length);
}
