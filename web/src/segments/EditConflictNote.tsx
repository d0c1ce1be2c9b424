import type { Segment } from "../api/types";
import { segmentsText as text } from "../texts/segments";
import { Callout } from "../ui/Badge";
import { button } from "../ui/button";
import layout from "../ui/layout.module.css";

interface Props {
  /** What is stored by now. */
  theirs: Segment;
  onTake: () => void;
  onKeep: () => void;
  onCopy: () => void;
}

/** Another tab or person saved the segment: nothing is overwritten until the reader decides. */
export function EditConflictNote({ theirs, onTake, onKeep, onCopy }: Props) {
  return (
    <div role="alert">
      <Callout tone="warn" title={text.conflictTitle}>
        <p>{text.conflictText(theirs.version, theirs.updated_by)}</p>
        <div className={layout.actions}>
          <button type="button" className={button("accent", "small")} onClick={onTake}>
            {text.takeTheirs}
          </button>
          <button type="button" className={button("neutral", "small")} onClick={onCopy}>
            {text.saveCopy}
          </button>
          <button type="button" className={button("careful", "small")} onClick={onKeep}>
            {text.keepMine}
          </button>
        </div>
      </Callout>
    </div>
  );
}
