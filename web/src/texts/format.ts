/** Numbers, money and times for people: in the viewer's language and the project's time zone and currency. */

const NOTHING = "–";
const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;

interface Project {
  /** An IANA name; without one the browser's own zone. */
  timeZone?: string | undefined;
  /** ISO 4217; without one money is shown as a number. */
  currency?: string | undefined;
}

let project: Project = {};
let formats = formatsOf(navigator.languages, project);

/** Say once, before anything is shown, where the project is. `languages` are the viewer's. */
export function setProject(next: Project, languages: readonly string[] = navigator.languages): void {
  project = next;
  formats = formatsOf(languages, next);
}

export const formatCount = (value: number) => formats.count.format(value);
/** For the axis of a chart: "12K". */
export const formatShort = (value: number) => formats.short.format(value);
export const formatAmount = (value: number | null | undefined) =>
  value == null ? NOTHING : formats.amount.format(value);
/** A time on a timeline with buckets of `step` seconds: no finer than they are, with the day where they are long. */
export const formatTimeStep = (iso: string, step: number) =>
  formatted(step < 60 ? formats.second : step < 900 ? formats.minute : formats.hour, iso);
export const formatDate = (iso: string | null | undefined) => formatted(formats.date, iso);
/** To the second, with the time zone. */
export const formatExactTime = (iso: string | null | undefined) => formatted(formats.exact, iso);
export const formatTime = (iso: string | null | undefined) => formatted(formats.time, iso);

/** A day without a time, as `2026-03-01`: the same day in every time zone. */
export const formatDay = (day: string | null | undefined) => formatted(formats.day, day);

/** "Mar 2026", from `2026-03`. */
export const formatMonth = (month: string) => formatted(formats.month, `${month}-01`);

/** Money in `currency`, else in the project's; whole units only where `whole`. */
export function formatMoney(
  value: number | null | undefined,
  currency: string | null | undefined = project.currency,
  whole = false,
): string {
  if (value == null) return NOTHING;
  if (!currency) return (whole ? formats.count : formats.amount).format(value);
  const digits = whole ? { maximumFractionDigits: 0 } : {};
  return new Intl.NumberFormat(formats.languages, { style: "currency", currency, ...digits }).format(value);
}

/** "5 minutes ago", "in 2 days"; `now` in milliseconds. */
export function formatRelative(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return formats.relative.format(Math.round(seconds / size), unit);
  }
  return formats.relative.format(Math.round(seconds), "second");
}

/** A share in per cent, as the server computes it: "90 %"; a dash for a share of nothing. */
export function formatPercent(percent: number | null | undefined): string {
  return percent == null ? NOTHING : formats.share.format(percent / 100);
}

/** A part of a whole: "90 %"; a dash where there is no whole. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 ? formats.share.format(part / whole) : NOTHING;
}

export const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "1 customer", "1,633 customers". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** The project's time zone, for people: "Europe/London". */
export const zoneName = () => project.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What `<input type="datetime-local">` gives, in the project's time zone, as ISO 8601 in UTC. */
export function utcOfLocal(local: string): string | null {
  const wall = Date.parse(`${local}Z`);
  if (local === "" || Number.isNaN(wall)) return null;
  // Of the two offsets around a change of the clocks the one that holds at the moment itself.
  const near = wall - offsetAt(wall);
  return new Date(wall - offsetAt(near)).toISOString();
}

/** The reverse of `utcOfLocal`, to the minute. */
export function localOfUtc(iso: string): string {
  const moment = Date.parse(iso);
  return Number.isNaN(moment) ? "" : new Date(moment + offsetAt(moment)).toISOString().slice(0, 16);
}

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function formatsOf(languages: readonly string[], { timeZone }: Project) {
  const zone = timeZone ? { timeZone } : {};
  return {
    languages: [...languages],
    count: new Intl.NumberFormat([...languages]),
    amount: new Intl.NumberFormat([...languages], { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    short: new Intl.NumberFormat([...languages], { notation: "compact", maximumFractionDigits: 1 }),
    share: new Intl.NumberFormat([...languages], { style: "percent", maximumFractionDigits: 1 }),
    date: new Intl.DateTimeFormat([...languages], { day: "numeric", month: "short", year: "numeric", ...zone }),
    time: new Intl.DateTimeFormat([...languages], { dateStyle: "medium", timeStyle: "short", ...zone }),
    exact: new Intl.DateTimeFormat([...languages], {
      day: "numeric",
      month: "short",
      year: "numeric",
      ...CLOCK,
      second: "2-digit",
      timeZoneName: "short",
      ...zone,
    }),
    day: new Intl.DateTimeFormat([...languages], { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }),
    month: new Intl.DateTimeFormat([...languages], { month: "short", year: "numeric", timeZone: "UTC" }),
    second: new Intl.DateTimeFormat([...languages], { timeStyle: "medium", ...zone }),
    minute: new Intl.DateTimeFormat([...languages], { timeStyle: "short", ...zone }),
    hour: new Intl.DateTimeFormat([...languages], { day: "numeric", month: "short", ...CLOCK, ...zone }),
    relative: new Intl.RelativeTimeFormat([...languages], { numeric: "auto" }),
    parts: new Intl.DateTimeFormat("en-GB", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      ...zone,
    }),
  };
}

/** By how many milliseconds the project's clocks are ahead of UTC at a moment. */
function offsetAt(moment: number): number {
  const part = Object.fromEntries(formats.parts.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}

function formatted(format: Intl.DateTimeFormat, iso: string | null | undefined): string {
  if (!iso) return NOTHING;
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? NOTHING : format.format(moment);
}
