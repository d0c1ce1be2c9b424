/** Numbers and times for people. */

const COUNT = new Intl.NumberFormat("en");
const AMOUNT = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const SHARE = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

const NOTHING = "–";

export const formatCount = (value: number) => COUNT.format(value);
export const formatAmount = (value: number | null | undefined) => (value == null ? NOTHING : AMOUNT.format(value));
export const formatDate = (iso: string | null | undefined) => formatted(DATE, iso);
export const formatTime = (iso: string | null | undefined) => formatted(TIME, iso);

export const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "1 customer", "1,633 customers". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A part of a whole: "90 %"; a dash where there is no whole. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 ? SHARE.format(part / whole) : NOTHING;
}

/** What `<input type="datetime-local">` gives, in the browser's time zone, as ISO 8601 in UTC. */
export function utcOfLocal(local: string): string | null {
  const moment = new Date(local);
  return local === "" || Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

function formatted(format: Intl.DateTimeFormat, iso: string | null | undefined): string {
  if (!iso) return NOTHING;
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? NOTHING : format.format(moment);
}
