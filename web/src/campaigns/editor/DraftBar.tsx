import { useMutation } from "@tanstack/react-query";

import { campaignsText } from "../../texts/campaigns";
import { formatTime } from "../../texts/format";
import { newCampaignText as text } from "../../texts/newCampaign";
import { ask } from "../../ui/ask";
import { notify } from "../../ui/notify";
import { Problem } from "../../ui/Problem";
import { EditConflict } from "../shared/EditConflict";

interface Props {
  saved: { at: string } | null;
  isKept: boolean;
  /** Whether the work was there when the page was opened. */
  isRestored: boolean;
  /** Whether there is enough of it for the server. */
  isReady: boolean;
  keep: () => Promise<string>;
  onStartOver: () => void;
  /** Null where there is no draft that could be deleted. */
  onDelete: (() => void) | null;
}

/** Where the work is kept, and what can be done about it. */
export function DraftBar({ saved, isKept, isRestored, isReady, keep, onStartOver, onDelete }: Props) {
  const save = useMutation({ mutationFn: keep, onSuccess: () => notify({ text: text.savedNotice }) });
  const startOver = async () => {
    const agreed = await ask({
      title: text.startOverTitle,
      text: text.startOverText,
      action: text.startOver,
      danger: true,
    });
    if (agreed) onStartOver();
  };
  return (
    <>
      <div className="draft-bar">
        <p className="small text-body-secondary mb-0" data-testid="draft-state">
          {isRestored && <strong>{text.restored}. </strong>}
          {saved ? (isKept ? text.savedAt(formatTime(saved.at)) : text.changedSince) : text.keptHere}
        </p>
        <button
          type="button"
          className="btn btn-sm btn-outline-secondary"
          disabled={!isReady || isKept || save.isPending}
          onClick={() => save.mutate()}
        >
          {save.isPending ? text.saving : text.saveDraft}
        </button>
        {isRestored && (
          <button type="button" className="btn btn-sm btn-outline-secondary" onClick={() => void startOver()}>
            {text.startOver}
          </button>
        )}
        {onDelete && (
          <button type="button" className="btn btn-sm btn-outline-danger" onClick={onDelete}>
            {campaignsText.deleteDraft}
          </button>
        )}
      </div>
      {save.error && !(save.error instanceof EditConflict) && <Problem error={save.error} title={text.notSaved} />}
    </>
  );
}
