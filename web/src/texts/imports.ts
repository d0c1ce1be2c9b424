/** Words of importing a file. */

import { formatCount, formatTime, plural } from "./format";

export const importsText = {
  title: "Import",
  lead: "Customers or orders from a CSV file. Nothing is kept before you have seen what would happen.",
  back: "Customers",
  steps: { name: "Steps", file: "File", columns: "Columns", check: "Try out", done: "Import" },

  kind: "What is in the file?",
  kinds: { customers: "Customers", orders: "Orders" },
  kindHints: {
    customers: "One row a customer: an id, and whatever you know, such as name, e-mail and city.",
    orders: "One row an order: its id, the customer’s id, an amount and when it was placed.",
  },
  file: "CSV file",
  fileHint: "Separated by commas, semicolons or tabs; the first row names the columns.",
  fileLimits: (bytes: number, rows: number) =>
    `At most ${formatCount(bytes / 2 ** 20)} MiB and ${plural(rows, "row")}.`,
  fileTooLarge: "The file is too large: cut it into several.",
  reading: "Reading the columns…",
  notRead: "The file could not be read",
  goOn: "Read the columns",
  again: "Choose another file",

  mappingTitle: "Which column is what?",
  mappingLead: (name: string, count: number) => `“${name}” has ${plural(count, "column")}. Check what we guessed.`,
  format: (encoding: string, delimiter: string) =>
    `Read as ${encoding.replace(/^utf/, "UTF").replace(/^w/, "W")}, separated by ${delimiter}.`,
  delimiters: { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" } as Record<string, string>,
  columns: { column: "Column in the file", samples: "For example", field: "Becomes" },
  fieldOf: (column: string) => `What “${column}” becomes`,
  leaveOut: "– Leave out –",
  known: "Known fields",
  custom: "A field of your own",
  missing: (fields: string) => `Still needed: ${fields}. Say which column it is in.`,
  twice: (field: string) => `Two columns become ${field}. Choose one of them.`,
  tryOut: "Try it out",
  trying: "Trying it out. Nothing is kept yet…",
  notTried: "The file could not be tried out",

  wouldBe: "What would happen",
  wouldBeLead:
    "Nothing has been kept yet. An import adds and changes, it deletes nobody, and empty cells leave a field as it is. " +
    "It cannot be taken back in one step, so look at the figures first.",
  was: "What happened",
  outcome: { rows: "Rows", created: "Created", updated: "Updated", skipped: "Skipped", invalid: "Invalid" },
  wouldOutcome: { rows: "Rows", created: "To create", updated: "To update", skipped: "To skip", invalid: "Invalid" },
  problems: "Rows that cannot be taken",
  problemsLead: (shown: number, all: number) =>
    shown < all
      ? `The first ${shown} of ${plural(all, "row")}. All of them are in the file below.`
      : "The other rows are not held up by these.",
  problemColumns: { row: "Row", column: "Column", value: "Value", reason: "Reason" },
  results: "Download the results, row by row",
  start: (count: number) => `Import ${plural(count, "row")}`,
  nothing: "There is nothing to import in this file.",
  changeColumns: "Change the columns",

  running: "Importing…",
  states: {
    checking: "Checking the rows…",
    handing_over: "Handing the rows over…",
    done: "Done",
  },
  progress: "Rows checked",
  checked: (checked: number, rows: number) => `${formatCount(checked)} of ${plural(rows, "row")}`,
  stay: "Keep this page open until it is done. Whatever happens, no row is taken twice.",
  mayLeave: "You may leave this page: the address shows how it goes.",
  stalled: "This import does not get on",
  stalledText:
    "It was probably cut off when the page was closed. Import the same file again: rows that are in already are skipped.",
  safeToRepeat: "Rows that are in already are not taken twice: you may simply try again.",
  notImported: "The file was not imported",
  done: (count: number) => `${plural(count, "row")} imported.`,
  settling: "They appear among the customers within a few seconds.",
  see: "See the customers",
  another: "Import another file",
  unknown: "This import could not be loaded",

  recent: "Recent imports",
  recentFailed: "The recent imports could not be loaded",
  recentOf: (kind: string, at: string, by: string) => `${kind}, ${formatTime(at)}, by ${by}`,
  recentCounts: (created: number, updated: number, invalid: number) =>
    `${formatCount(created)} created, ${formatCount(updated)} updated, ${formatCount(invalid)} invalid`,
} as const;
