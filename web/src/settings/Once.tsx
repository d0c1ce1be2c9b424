import { Alert } from "../ui/Badge";
import { CopyButton } from "../ui/CopyButton";
import layout from "../ui/layout.module.css";
import typography from "../ui/typography.module.css";

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
    <Alert tone="good" role="status">
      <p className={layout.below1}>{text}</p>
      <p className={layout.below2}>
        <code className={typography.secret} data-testid={testId}>
          {secret}
        </code>
      </p>
      <CopyButton text={secret} label={copyWhat} />
    </Alert>
  );
}
