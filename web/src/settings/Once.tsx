import { CopyButton } from "../ui/CopyButton";

interface Props {
  secret: string;
  /** What it is, and that it has to be kept now. */
  text: string;
  copyWhat: string;
  testId: string;
}

/** A secret that is shown this once. */
export function Once({ secret, text, copyWhat, testId }: Props) {
  return (
    <div className="alert alert-success" role="status">
      <p className="mb-1">{text}</p>
      <p className="mb-2">
        <code className="secret" data-testid={testId}>
          {secret}
        </code>
      </p>
      <CopyButton text={secret} label={copyWhat} />
    </div>
  );
}
