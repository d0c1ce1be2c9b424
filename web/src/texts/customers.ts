/** Words of customers: the list and a profile. */

import { formatCount, formatRelative, plural } from "./format";

export const customersText = {
  title: "Customers",
  lead: "Everyone your systems have sent, and everyone you imported.",
  import: "Import a file",
  search: "Search by name, e-mail or id",
  failed: "The customers could not be loaded",
  of: "customers",
  columns: {
    name: "Name",
    email: "E-mail",
    city: "City",
    orders: "Completed orders",
    spent: "Spent",
    last: "Last order",
  },
  nobody: (query: string) => `Nobody matches “${query}”`,
  nobodyText: "Try a part of the name or of the e-mail address.",
  clearSearch: "Show everyone",
  none: "No customers yet",
  noneText: "Import a file of customers, or let your systems send them with an API key.",
  connect: "Connect your shop",
  nameless: (id: string) => `Customer ${id}`,

  one: "Customer",
  oneFailed: "The customer could not be loaded",
  back: "Customers",
  tiles: { spent: "Spent", orders: "Completed orders", lastOrder: "Last order", visits: "Visits" },
  export: "Export",
  erase: {
    action: "Erase",
    title: (name: string) => `Erase ${name}?`,
    text: (orders: number) =>
      `Name, addresses, attributes and ${plural(orders, "order")} are permanently deleted, and this customer is taken out of every audience. ` +
      "What was sent to them stays in the reports, without name or id. If your systems send the same id again, it stays erased.",
    yes: (name: string) => `Erase ${name}`,
    done: (name: string) => `${name} is erased.`,
    failed: "The customer was not erased",
  },

  profile: "Profile",
  facts: {
    name: "Name",
    id: "Id",
    email: "E-mail",
    phone: "Phone",
    city: "City",
    country: "Country",
    birthday: "Birthday",
    since: "Customer since",
    active: "Last active",
    tags: "Tags",
    consent: "Consent",
  },
  consent: {
    given: "Given",
    refused: "Refused",
    byChannel: (channel: string, given: boolean) => `${channel} ${given ? "given" : "refused"}`,
  },
  yes: "yes",
  no: "no",

  doNotSend: {
    title: "Do not send",
    lead: "Channels on which this customer gets nothing, whatever their consent says.",
    allowed: "May get messages",
    causes: { unsubscribed: "Unsubscribed by the link in a message", by_hand: "Put here by a member" } as Record<
      string,
      string
    >,
    suppress: "Do not send",
    suppressOn: (channel: string) => `Do not send on ${channel}`,
    allow: "Allow again",
    allowOn: (channel: string) => `Allow ${channel} again`,
    askTitle: (name: string, channel: string) => `Send to ${name} again (${channel})?`,
    askText: "Only do this if they asked you to: people who unsubscribed and are written to again can complain.",
    failed: "The list was not changed",
  },

  orders: "Orders",
  latestOrders: (count: number) => `The latest ${formatCount(count)}`,
  moreOrders: (count: number) => `Show ${formatCount(count)} more`,
  creditNote: "Credit note",
  noOrders: "No orders yet.",
  orderColumns: { placed: "Placed", category: "Category", status: "Status", amount: "Amount" },
  orderStatus: { pending: "Pending", completed: "Completed", cancelled: "Cancelled", refunded: "Refunded" } as Record<
    string,
    string
  >,

  messages: "Messages",
  noMessages: "No messages yet.",
  campaign: "Campaign",
  ago: (at: string) => formatRelative(at),

  segments: "Segments",
  segmentsLead: "Which segments this customer is in, and why.",
  segmentsFailed: "The segments could not be loaded",
  noSegments: "There are no segments yet.",
  in: "In",
  out: "Not in",
  notEvaluated: "Cannot be evaluated",
  why: "Why",
} as const;
