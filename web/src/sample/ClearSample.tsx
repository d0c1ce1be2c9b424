import { sampleText } from "../texts/sample";
import { button } from "../ui/button";
import { Problem } from "../ui/Problem";
import { useSample } from "./useSample";

export function ClearSample() {
  const { clear, askToClear } = useSample();
  return (
    <>
      {clear.error && <Problem error={clear.error} title={sampleText.notCleared} />}
      <button
        type="button"
        className={button("neutral", "small")}
        disabled={clear.isPending}
        onClick={() => void askToClear()}
      >
        {clear.isPending ? sampleText.clearing : sampleText.clear}
      </button>
    </>
  );
}
