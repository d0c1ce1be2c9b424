import { useMutation } from "@tanstack/react-query";

import { campaignsText } from "../../texts/campaigns";
import { formatTime } from "../../texts/format";
import { newCampaignText as text } from "../../texts/newCampaign";
import { ask } from "../../ui/ask";
import { button } from "../../ui/button";
import { notify } from "../../ui/notify";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import { EditConflict } from "../shared/EditConflict";
import styles from "./DraftBar.module.css";

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
      <div className={styles.bar}>
        <p className={typography.note} data-testid="draft-state">
          {isRestored && <strong>{text.restored}. </strong>}
          {saved ? (isKept ? text.savedAt(formatTime(saved.at)) : text.changedSince) : text.keptHere}
        </p>
        <button
          type="button"
          className={button("neutral", "small")}
          disabled={!isReady || isKept || save.isPending}
          onClick={() => save.mutate()}
        >
          {save.isPending ? text.saving : text.saveDraft}
        </button>
        {isRestored && (
          <button type="button" className={button("neutral", "small")} onClick={() => void startOver()}>
            {text.startOver}
          </button>
        )}
        {onDelete && (
          <button type="button" className={button("careful", "small")} onClick={onDelete}>
            {campaignsText.deleteDraft}
          </button>
        )}
      </div>
      {save.error && !(save.error instanceof EditConflict) && <Problem error={save.error} title={text.notSaved} />}
    </>
  );
}
