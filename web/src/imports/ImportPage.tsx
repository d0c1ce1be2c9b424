import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import type { ImportMapping } from "../api/types";
import { importsText } from "../texts/imports";
import { Page } from "../ui/Page";
import { Steps } from "../ui/Steps";
import { ChooseFile } from "./ChooseFile";
import type { Chosen } from "./chosen";
import styles from "./ImportPage.module.css";
import { Mapping } from "./Mapping";
import { guessed } from "./mapping";
import { RecentImports } from "./RecentImports";
import { Running } from "./Running";
import { TryOut } from "./TryOut";

const { steps } = importsText;
const NAMES = [steps.file, steps.columns, steps.check, steps.done];

/** `?import=` shows an import that was started, so that a reload finds it again. */
export default function ImportPage() {
  const [parameters, setParameters] = useSearchParams();
  const started = parameters.get("import");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [mapping, setMapping] = useState<ImportMapping>({});
  const [isTried, setTried] = useState(false);
  const restart = () => {
    setChosen(null);
    setTried(false);
    setParameters({});
  };
  const choose = (next: Chosen) => {
    setChosen(next);
    setMapping(guessed(next.columns));
  };
  const step = started ? 3 : isTried ? 2 : chosen ? 1 : 0;
  const place = useRef<HTMLFieldSetElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    // The button that led here is gone: the focus goes on with the person.
    if (shown.current !== step) place.current?.focus();
    shown.current = step;
  }, [step]);
  return (
    <Page title={importsText.title} lead={importsText.lead} back={{ to: "/customers", label: importsText.back }}>
      <Steps label={steps.name} names={NAMES} current={step} />
      <fieldset className={styles.step} aria-label={NAMES[step]} tabIndex={-1} ref={place}>
        {step === 0 && (
          <>
            <ChooseFile onChosen={choose} />
            <RecentImports />
          </>
        )}
        {step === 1 && chosen && (
          <Mapping
            chosen={chosen}
            mapping={mapping}
            onChange={setMapping}
            onBack={restart}
            onReady={() => setTried(true)}
          />
        )}
        {step === 2 && chosen && (
          <TryOut
            chosen={chosen}
            mapping={mapping}
            onBack={() => setTried(false)}
            onStart={(id) => setParameters({ import: id })}
          />
        )}
        {started && <Running key={started} id={started} chosen={chosen} mapping={mapping} onRestart={restart} />}
      </fieldset>
    </Page>
  );
}
