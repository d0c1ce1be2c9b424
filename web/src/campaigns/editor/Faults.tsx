import type { ApiError } from "../../api/http";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { Icon } from "../../ui/Icon";
import styles from "./Faults.module.css";
import { placeIn } from "./places";

interface Props {
  id: string;
  fault: ApiError | null;
  /** Puts the cursor where the fault is. */
  onGoTo: (part: "subject" | "body", place: { line: number; column: number }) => void;
}

const PARTS: Record<string, "subject" | "body"> = { "message.subject": "subject", "message.body": "body" };

/** What the server has against the message, beside the input, with a way to each place. */
export function Faults({ id, fault, onGoTo }: Props) {
  const faults = (fault?.errors ?? []).filter(({ path }) => path in PARTS);
  return (
    <div id={id} role="status">
      <ul className={styles.faults}>
        {faults.map(({ path, message }) => {
          const part = PARTS[path] ?? "body";
          const place = placeIn(message);
          return (
            <li key={`${path} ${message}`}>
              <span>
                <Icon name="warning" /> {part === "subject" ? `${text.subject}: ` : ""}
                {message}
              </span>
              {place && (
                <button type="button" className={button("link", "small")} onClick={() => onGoTo(part, place)}>
                  {text.goTo(String(place.line), String(place.column))}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
