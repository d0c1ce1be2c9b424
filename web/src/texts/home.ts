/** Words of the first page. */

import { formatCount, formatMonth, formatTime } from "./format";

export const homeText = {
  title: "Home",
  asOf: (at: string) => `As of ${formatTime(at)}`,
  failed: "The overview could not be loaded",
  campaignsFailed: "The campaigns could not be loaded",
  waiting: "Counting customers and orders…",
  tiles: {
    customers: "Customers",
    reachable: "Can be reached",
    orders: "Completed orders",
    spend: "Spent",
    newThisMonth: (count: number, month: string) => `${formatCount(count)} new in ${formatMonth(month)}`,
    ofAll: (share: string) => `${share} of all`,
    perOrder: (amount: string) => `${amount} a completed order`,
  },
  charts: {
    spend: "Spent by month",
    orders: "Completed orders by month",
    spendSeries: "Spent",
    ordersSeries: "Completed orders",
    month: "Month",
    /** In place of months in which nothing happened. */
    gap: "…",
  },
  recent: "Recent campaigns",
  allCampaigns: "All campaigns",
  first: {
    title: "Let’s bring in your customers",
    text: "There is nobody here yet. Begin with a file, or let your shop send them.",
    sampleTitle: "Look round first",
    sampleText: (count: number | undefined) =>
      `${count ? formatCount(count) : "Some"} made-up customers with orders. One click clears them again.`,
    importTitle: "Import a file",
    importText: "A CSV of customers or orders. You see what would happen before anything is kept.",
    importAction: "Import a CSV",
    connectTitle: "Connect your shop",
    connectText: "Your systems post customers and orders, which appear here immediately.",
    connectAction: "Show me how",
    viewer: "Somebody who may write can import customers here.",
  },
  next: {
    audience: {
      title: "Describe an audience",
      text: "Say in a few rules whom you want to write to, and watch the count while you do.",
      action: "New segment",
    },
    write: {
      title: "Write to an audience",
      text: "Choose a segment, write a message, and review it. Nothing goes out before you confirm it.",
      action: "New campaign",
    },
    draft: (name: string) => ({
      title: "Finish what you began",
      text: `“${name}” is a draft. Review it, and send it when you are ready.`,
      action: "Open the draft",
    }),
    attention: (name: string) => ({
      title: "A campaign needs you",
      text: `“${name}” cannot go on without you. See what happened, and what you can do.`,
      action: "Look at it",
    }),
    again: {
      title: "Plan the next campaign",
      text: "Start from a segment, or duplicate a campaign that went well.",
      action: "New campaign",
    },
  },
} as const;
