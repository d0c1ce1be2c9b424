interface Origin {
  edit?: string | null;
  from?: string | null;
  segment?: string | null;
}

/** The key under which this browser keeps work on a campaign: edited, repeated, to a segment, or new. */
export function workName({ edit, from, segment }: Origin): string {
  const id = edit ?? from ?? segment;
  return ["campaign", edit && "edit", from && "from", segment && "to", id].filter(Boolean).join(" ");
}
