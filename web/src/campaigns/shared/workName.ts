interface Origin {
  edit?: string | null;
  from?: string | null;
  segment?: string | null;
}

/** Under which this browser keeps the work on a campaign: one that is edited, repeated, to a segment, or new. */
export function workName({ edit, from, segment }: Origin): string {
  const id = edit ?? from ?? segment;
  return ["campaign", edit && "edit", from && "from", segment && "to", id].filter(Boolean).join(" ");
}
