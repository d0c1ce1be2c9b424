import type { ApiError } from "../../api/http";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { Icon } from "../../ui/Icon";
import styles from "./Faults.module.css";

interface Props {
  id: string;
  fault: ApiError | null;
  /** Puts the cursor where the fault is. */
  onGoTo: (part: "subject" | "body", place: { line: number; column: number }) => void;
}

const PARTS: Record<string, "subject" | "body"> = { "message.subject": "subject", "message.body": "body" };

/** The server's errors in the message, next to the input, with a link to each place. */
export function Faults({ id, fault, onGoTo }: Props) {
  const faults = (fault?.errors ?? []).filter(({ path }) => path in PARTS);
  return (
    <div id={id} role="status">
      <ul className={styles.faults}>
        {faults.map(({ path, message, line, column }) => {
          const part = PARTS[path] ?? "body";
          return (
            <li key={`${path} ${message}`}>
              <span>
                <Icon name="warning" /> {part === "subject" ? `${text.subject}: ` : ""}
                {message}
              </span>
              {line && column && (
                <button
                  type="button"
                  className={button("link", "small")}
                  onClick={() => onGoTo(part, { line, column })}
                >
                  {text.goTo(String(line), String(column))}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
