import { ApiError } from "../api/http";
import { appText } from "../texts/app";

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
    <div className="alert alert-danger" role="alert">
      <p className="fw-semibold mb-1">{title}</p>
      <p className="mb-0">{sentenceOf(error)}</p>
      <FieldErrors error={error} />
      {onRetry && !isFinal && (
        <button type="button" className="btn btn-sm btn-outline-danger mt-2" onClick={onRetry}>
          {appText.tryAgain}
        </button>
      )}
    </div>
  );
}

function FieldErrors({ error }: { error: unknown }) {
  const errors = error instanceof ApiError ? error.errors : [];
  if (errors.length === 0) return null;
  return (
    <ul className="mb-0 mt-1">
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
    // A refused form is told field by field below.
    if (error.errors.length > 0) return appText.problem.correct;
    const again = error.temporary && error.status !== 0 ? ` ${appText.problem.safe}` : "";
    return `${error.detail}${again}`;
  }
  return error instanceof Error ? error.message : appText.problem.unknown;
}
