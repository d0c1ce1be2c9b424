import type { Segment } from "../api/types";
import { segmentsText as text } from "../texts/segments";
import { Callout } from "../ui/Badge";

interface Props {
  /** What is stored by now. */
  theirs: Segment;
  onTake: () => void;
  onKeep: () => void;
  onCopy: () => void;
}

/** Another tab or person saved the segment: nothing is overwritten, and whoever reads this decides. */
export function EditConflictNote({ theirs, onTake, onKeep, onCopy }: Props) {
  return (
    <div role="alert">
      <Callout tone="warn" title={text.conflictTitle}>
        <p>{text.conflictText(theirs.version, theirs.updated_by)}</p>
        <div className="page-actions">
          <button type="button" className="btn btn-sm btn-outline-primary" onClick={onTake}>
            {text.takeTheirs}
          </button>
          <button type="button" className="btn btn-sm btn-outline-secondary" onClick={onCopy}>
            {text.saveCopy}
          </button>
          <button type="button" className="btn btn-sm btn-outline-danger" onClick={onKeep}>
            {text.keepMine}
          </button>
        </div>
      </Callout>
    </div>
  );
}
