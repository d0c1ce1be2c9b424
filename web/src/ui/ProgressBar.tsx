/** How far something is. Without `value` it is under way, and nobody knows how far. */
export function ProgressBar({ label, value, max }: { label: string; value?: number; max?: number }) {
  return <progress aria-label={label} value={value} max={max} />;
}
