import { type FormEvent, useId, useState } from "react";

import { appText } from "../texts/app";
import { type Question, question } from "./ask";
import { Dialog } from "./Dialog";

/** Where the questions of `ask` appear. */
export function AskDialog() {
  const asked = question.use();
  return asked && <Asked {...asked} />;
}

function Asked({ title, text, action, danger, typed, answer }: Question & { answer: (yes: boolean) => void }) {
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
          <div className="mt-3">
            <label className="form-label" htmlFor={wordId}>
              {appText.typeToConfirm(typed)}
            </label>
            <input
              id={wordId}
              className="form-control"
              autoComplete="off"
              value={word}
              onChange={(event) => setWord(event.target.value)}
            />
          </div>
        )}
        <div className="dialog-actions">
          <button type="button" className="btn btn-outline-secondary" onClick={() => answer(false)}>
            {appText.cancel}
          </button>
          <button type="submit" className={`btn ${danger ? "btn-danger" : "btn-primary"}`} disabled={!isReady}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
