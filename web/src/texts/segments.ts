/** What the list of segments and a segment's page say. */

import type { SnapshotKind } from "../api/types";
import { formatCount, plural } from "./format";

const people = (count: number) => plural(count, "person", "people");

export const segmentsText = {
  title: "Segments",
  lead: "Audiences by rules, kept under a name. Who is in follows your data.",
  create: "New segment",
  listFailed: "The segments could not be loaded",
  emptyTitle: "No segments yet",
  emptyText: "Describe a group of customers once, and write to it whenever you like.",
  listOf: "segments",
  tableLabel: "Segments",
  columns: {
    segment: "Segment",
    size: "Customers",
    reachable: "Can be reached",
    movement: "Movement",
    changed: "Changed",
    actions: "Actions",
  },
  since: (name: string) => `since “${name}”`,
  joinedLeft: (joined: number, left: number) =>
    joined + left === 0 ? "nobody joined or left" : `+${formatCount(joined)} joined, −${formatCount(left)} left`,
  noMovement: "no campaign yet",
  write: "Write to it",
  writeTo: (name: string) => `New campaign to ${name}`,

  one: "Segment",
  oneFailed: "The segment could not be loaded",
  newTitle: "New segment",
  all: "All segments",
  name: "Name",
  save: "Save segment",
  saving: "Saving…",
  saved: "The segment is saved.",
  notSaved: "The segment was not saved",
  called: (name: string) => (name ? `Segment “${name}”` : "A segment without a name"),
  restored: "Your unsaved changes are back.",
  discard: "Discard changes",
  discardTitle: "Discard your changes?",
  discardText: (version: number) => `The segment stays as it was saved last, at version ${version}.`,
  discardNew: "What you typed here is lost.",
  unsaved: "Not saved yet; kept in this browser.",
  atVersion: (version: number, who: string, when: string) => `Version ${version}, saved by ${who}, ${when}.`,
  remove: "Delete",
  removeTitle: (name: string) => `Delete the segment “${name}”?`,
  removeText:
    "Its rules, versions and records of who was in it go. Campaigns made from it keep their rules and reports. No customer is deleted.",
  removeAction: "Delete segment",
  removed: (name: string) => `“${name}” is deleted.`,
  notRemoved: "The segment was not deleted",

  conflictTitle: "Somebody else changed this segment",
  conflictText: (version: number, who: string) =>
    `Version ${version} by ${who} is stored by now. Your changes are still here, and nothing is overwritten until you say so.`,
  takeTheirs: "Show theirs instead",
  keepMine: "Replace theirs with mine",
  saveCopy: "Save mine as a new segment",
  copyOf: (name: string) => `${name} (copy)`,

  versions: "Versions",
  versionsOf: "versions",
  versionsLead: "Every saved definition is kept.",
  versionsFailed: "The versions could not be loaded",
  version: (version: number) => `Version ${version}`,
  current: "current",
  changedBy: (who: string, when: string) => `${who}, ${when}`,
  restore: "Restore",
  restoreOf: (version: number) => `Restore version ${version}`,
  restoreNotice: (version: number) => `Version ${version} is in the editor above. Save to make it the newest.`,

  movement: "Who joined, who left",
  movementLead: "Compared with a snapshot of its members.",
  pointsFailed: "The snapshots could not be loaded",
  noPoints:
    "Nothing has been written down yet. That happens when a campaign goes to the segment, or when a marketer asks for it.",
  writeDown: "Write down who is in now",
  writingDown: "Writing down…",
  writtenDown: (count: number) => `Written down: ${people(count)}.`,
  notWrittenDown: "It was not written down",
  since2: "Since",
  until: "Until",
  now: "Now",
  point: (kind: SnapshotKind, time: string, count: number) => `${POINT_KINDS[kind]}, ${time}: ${people(count)}`,
  changesFailed: "The changes could not be loaded",
  joined: "Joined",
  left: "Left",
  stayed: "Stayed",
  joinedList: (count: number) => `Joined (${formatCount(count)})`,
  leftList: (count: number) => `Left (${formatCount(count)})`,
  whichList: "Whom to show",
  nobodyJoined: "Nobody joined.",
  nobodyLeft: "Nobody left.",
  peopleOf: "people",
} as const;

const POINT_KINDS: Record<SnapshotKind, string> = {
  campaign: "Campaign",
  manual: "Written down",
  daily: "Daily",
};
