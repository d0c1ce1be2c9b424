/** Words of the sample data. */

import { formatCount, plural } from "./format";

export const sampleText = {
  title: "Sample data is here",
  text: "Made-up customers and orders, to try everything out. Clearing them touches nothing of yours.",
  help: "Sample data",
  helpText: (count: number | undefined) =>
    `${count ? formatCount(count) : "Some"} made-up customers with orders, to try everything out. One click clears them again.`,
  helpLoaded: "Made-up customers are here, to try everything out. Everything real stays when you clear them.",
  clear: "Clear the sample data",
  ask: "Clear the sample data?",
  askText:
    "All made-up customers and their orders are deleted. What you imported or your systems sent stays, and so do segments and campaigns.",
  clearing: "Clearing…",
  cleared: "The sample data is cleared.",
  notCleared: "The sample data was not cleared",
  load: "Load sample data",
  loading: "Loading sample data…",
  loaded: (count: number) => `${plural(count, "made-up customer")} are here. Have a look round.`,
  notLoaded: "The sample data was not loaded",
} as const;
