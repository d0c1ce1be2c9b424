import { ApiError } from "../api/http";
import { appText } from "../texts/app";
import { Alert } from "./Badge";
import { button } from "./button";
import { classes } from "./classes";
import layout from "./layout.module.css";
import typography from "./typography.module.css";

interface Props {
  error: unknown;
  /** What the reader was doing: "The campaign was not sent". */
  title: string;
  onRetry?: () => void;
}

/** An error as words: what happened, which inputs are at fault, and what to do. */
export function Problem({ error, title, onRetry }: Props) {
  // What is not there, and what is refused as it stands, is no better a second time.
  const isFinal = error instanceof ApiError && (error.status === 404 || error.status === 422);
  return (
    <Alert tone="bad" role="alert">
      <p className={classes(typography.strong, layout.below1)}>{title}</p>
      <p>{sentenceOf(error)}</p>
      <FieldErrors error={error} />
      {onRetry && !isFinal && (
        <button type="button" className={classes(button("careful", "small"), layout.above2)} onClick={onRetry}>
          {appText.tryAgain}
        </button>
      )}
    </Alert>
  );
}

function FieldErrors({ error }: { error: unknown }) {
  const errors = error instanceof ApiError ? error.errors : [];
  if (errors.length === 0) return null;
  return (
    <ul className={layout.above1}>
      {errors.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          {appText.problem.paths[path] ?? <code>{path}</code>}: {message}
        </li>
      ))}
    </ul>
  );
}

function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) {
    // The errors of a refused form are listed field by field below.
    if (error.errors.length > 0) return appText.problem.correct;
    const again = error.temporary && error.status !== 0 ? ` ${appText.problem.safe}` : "";
    return `${error.detail}${again}`;
  }
  return error instanceof Error ? error.message : appText.problem.unknown;
}
