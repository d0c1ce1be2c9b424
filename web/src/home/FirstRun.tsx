import type { ReactNode } from "react";
import { Link } from "react-router";

import { LoadSample } from "../sample/LoadSample";
import { useLimits } from "../session/useLimits";
import { useCan } from "../session/useSession";
import { homeText } from "../texts/home";
import { button } from "../ui/button";
import { type IconName, RoundIcon } from "../ui/Icon";
import { Card, Empty } from "../ui/Page";
import styles from "./FirstRun.module.css";

/** Nobody is here yet: three ways to begin. */
export function FirstRun() {
  const { first } = homeText;
  const mayImport = useCan("POST /api/v1/imports");
  const limits = useLimits();
  return (
    <Card title={first.title} lead={first.text}>
      {mayImport ? (
        <div className={styles.ways}>
          <Way icon="people" title={first.sampleTitle} text={first.sampleText(limits?.sample_customers)}>
            <LoadSample primary />
          </Way>
          <Way icon="import" title={first.importTitle} text={first.importText}>
            <Link className={button("neutral")} to="/imports/new">
              {first.importAction}
            </Link>
          </Way>
          <Way icon="key" title={first.connectTitle} text={first.connectText}>
            <Link className={button("neutral")} to="/help">
              {first.connectAction}
            </Link>
          </Way>
        </div>
      ) : (
        <Empty title={first.viewer} icon="people" />
      )}
    </Card>
  );
}

function Way({ icon, title, text, children }: { icon: IconName; title: string; text: string; children: ReactNode }) {
  return (
    <div className={styles.way}>
      <RoundIcon name={icon} />
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </div>
  );
}
