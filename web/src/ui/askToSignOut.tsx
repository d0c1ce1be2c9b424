import { appText } from "../texts/app";
import { ask } from "./ask";
import layout from "./layout.module.css";

const { signOutAsk: words } = appText;

/** Asks before unsaved work, which is named, is discarded by signing out. */
export const askToSignOut = (unsaved: readonly string[]): Promise<boolean> =>
  ask({
    title: words.title,
    text: (
      <>
        <p>{words.text}</p>
        <ul className={layout.above2}>
          {unsaved.map((name) => (
            <li key={name} dir="auto">
              {name}
            </li>
          ))}
        </ul>
      </>
    ),
    action: words.action,
    wayOut: words.stay,
    danger: true,
  });
