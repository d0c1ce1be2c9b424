import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Callout } from "../../ui/Badge";
import { button } from "../../ui/button";
import layout from "../../ui/layout.module.css";
import { notify } from "../../ui/notify";
import { may } from "../shared/status";

interface Props {
  /** What is stored by now. */
  theirs: Campaign;
  onTake: () => void;
  onKeep: () => void;
}

/** Another tab or person stored another version: nothing is overwritten until the reader decides. */
export function EditConflictNote({ theirs, onTake, onKeep }: Props) {
  const keep = () => {
    onKeep();
    notify({ text: text.keepMineNotice });
  };
  if (!may(theirs, "change")) {
    return (
      <div role="alert">
        <Callout tone="warn" title={text.conflictTitle}>
          <p>{text.conflictLaunched}</p>
          <Link className={button("accent", "small")} to={`/campaigns/${theirs.id}`}>
            {text.openIt}
          </Link>
        </Callout>
      </div>
    );
  }
  return (
    <div role="alert">
      <Callout tone="warn" title={text.conflictTitle}>
        <p>{text.conflictText}</p>
        <div className={layout.actions}>
          <button type="button" className={button("accent", "small")} onClick={onTake}>
            {text.takeTheirs}
          </button>
          <button type="button" className={button("neutral", "small")} onClick={keep}>
            {text.keepMine}
          </button>
        </div>
      </Callout>
    </div>
  );
}
