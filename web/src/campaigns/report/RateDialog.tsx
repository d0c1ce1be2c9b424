import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { changeRate } from "../../api/campaigns";
import { keys } from "../../api/keys";
import type { Campaign } from "../../api/types";
import { useLimits } from "../../session/useLimits";
import { appText } from "../../texts/app";
import { campaignsText as text } from "../../texts/campaigns";
import { newCampaignText } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { Dialog } from "../../ui/Dialog";
import dialog from "../../ui/Dialog.module.css";
import forms from "../../ui/forms.module.css";
import { notify } from "../../ui/notify";
import { Problem } from "../../ui/Problem";
import { rateOf } from "../shared/rate";

/** Another rate for what has not gone yet. */
export function RateDialog({ one, onClose }: { one: Campaign; onClose: () => void }) {
  const [typed, setTyped] = useState(one.rate ? String(one.rate) : "");
  const id = useId();
  const limits = useLimits();
  const client = useQueryClient();
  const rate = rateOf(typed, limits);
  const isBad = Number.isNaN(rate);
  const change = useMutation({
    mutationFn: () => changeRate(one.id, rate),
    onSuccess: async () => {
      notify({ text: text.rateChanged(rate) });
      onClose();
      await client.invalidateQueries({ queryKey: keys.campaigns.all });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBad) change.mutate();
  };
  return (
    <Dialog title={text.rateTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{text.rateText}</p>
        <label className={forms.label} htmlFor={id}>
          {newCampaignText.rate}
        </label>
        <input
          id={id}
          inputMode="numeric"
          className={forms.tiny}
          aria-invalid={isBad || undefined}
          aria-describedby={isBad ? `${id}bad` : undefined}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {isBad && (
          <p id={`${id}bad`} className={forms.fault}>
            {newCampaignText.badRate(limits)}
          </p>
        )}
        {change.error && <Problem error={change.error} title={text.actionFailed} />}
        <div className={dialog.actions}>
          <button type="button" className={button("neutral")} onClick={onClose}>
            {appText.cancel}
          </button>
          <button type="submit" className={button("primary")} disabled={isBad || change.isPending}>
            {text.rateAction}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
