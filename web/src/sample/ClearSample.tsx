import { sampleText } from "../texts/sample";
import { Problem } from "../ui/Problem";
import { useSample } from "./useSample";

export function ClearSample() {
  const { clear, askToClear } = useSample();
  return (
    <>
      {clear.error && <Problem error={clear.error} title={sampleText.notCleared} />}
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={clear.isPending}
        onClick={() => void askToClear()}
      >
        {clear.isPending ? sampleText.clearing : sampleText.clear}
      </button>
    </>
  );
}
