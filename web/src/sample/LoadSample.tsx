import { sampleText } from "../texts/sample";
import { Problem } from "../ui/Problem";
import { useSample } from "./useSample";

export function LoadSample({ primary = false }: { primary?: boolean }) {
  const { load } = useSample();
  return (
    <>
      {load.error && <Problem error={load.error} title={sampleText.notLoaded} />}
      <button
        type="button"
        className={`btn ${primary ? "btn-primary" : "btn-outline-secondary"}`}
        disabled={load.isPending}
        onClick={() => load.mutate()}
      >
        {load.isPending ? sampleText.loading : sampleText.load}
      </button>
    </>
  );
}
