import { sampleText } from "../texts/sample";
import { button } from "../ui/button";
import { Problem } from "../ui/Problem";
import { useSample } from "./useSample";

export function LoadSample({ primary = false }: { primary?: boolean }) {
  const { load } = useSample();
  return (
    <>
      {load.error && <Problem error={load.error} title={sampleText.notLoaded} />}
      <button
        type="button"
        className={button(primary ? "primary" : "neutral")}
        disabled={load.isPending}
        onClick={() => load.mutate()}
      >
        {load.isPending ? sampleText.loading : sampleText.load}
      </button>
    </>
  );
}
