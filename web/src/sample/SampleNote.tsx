import { useCan } from "../session/useSession";
import { sampleText } from "../texts/sample";
import { Callout } from "../ui/Badge";
import { ClearSample } from "./ClearSample";

/** Says above the figures that they are not real, and how to be rid of that. */
export function SampleNote() {
  const mayClear = useCan("DELETE /api/v1/sample");
  return (
    <Callout tone="accent" title={sampleText.title}>
      <p>{sampleText.text}</p>
      {mayClear && <ClearSample />}
    </Callout>
  );
}
