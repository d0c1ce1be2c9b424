import { type FormEvent, useId, useState } from "react";

import { appText } from "../texts/app";
import { type Question, question } from "./ask";
import { button } from "./button";
import { Dialog } from "./Dialog";
import dialog from "./Dialog.module.css";
import forms from "./forms.module.css";
import layout from "./layout.module.css";

/** Where the questions of `ask` appear. */
export function AskDialog() {
  const asked = question.use();
  return asked && <Asked {...asked} />;
}

function Asked({ title, text, action, wayOut, danger, typed, answer }: Question & { answer: (yes: boolean) => void }) {
  const [word, setWord] = useState("");
  const wordId = useId();
  const isReady = typed === undefined || word.trim() === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) answer(true);
  };
  return (
    <Dialog title={title} onClose={() => answer(false)}>
      <form onSubmit={submit}>
        <div>{text}</div>
        {typed !== undefined && (
          <div className={layout.above4}>
            <label className={forms.label} htmlFor={wordId}>
              {appText.typeToConfirm(typed)}
            </label>
            <input id={wordId} autoComplete="off" value={word} onChange={(event) => setWord(event.target.value)} />
          </div>
        )}
        <div className={dialog.actions}>
          <button type="button" className={button("neutral")} onClick={() => answer(false)}>
            {wayOut ?? appText.cancel}
          </button>
          <button type="submit" className={button(danger ? "danger" : "primary")} disabled={!isReady}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
