import type { ReactNode } from "react";

import { createStore } from "./store";

export interface Question {
  title: string;
  /** What will happen, and what cannot be undone. */
  text: ReactNode;
  /** The button that does it, in its own words: "Erase Mira Shah". */
  action: string;
  /** The button that leaves all as it is, where "Cancel" could be taken for the action. */
  wayOut?: string;
  danger?: boolean;
  /** A word to type before it can be done. */
  typed?: string;
}

export const question = createStore<(Question & { answer: (yes: boolean) => void }) | null>(null);

/** Ask before something is done; whether the person agrees. One question at a time: a second one is a no. */
export function ask(asked: Question): Promise<boolean> {
  if (question.get()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      question.set(null);
      resolve(yes);
    };
    question.set({ ...asked, answer });
  });
}
