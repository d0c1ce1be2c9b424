import { createStore } from "./store";

export interface Notice {
  id: number;
  text: string;
  undo?: () => void;
}

export const notices = createStore<readonly Notice[]>([]);

let last = 0;

/** Show what has been done, for some seconds; with `undo` it can be taken back as long. */
export function notify(notice: Omit<Notice, "id">): void {
  last += 1;
  notices.set([...notices.get().slice(-2), { ...notice, id: last }]);
}

export function dismiss(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}
