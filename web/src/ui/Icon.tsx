/** The few icons in use, as paths of a 16 × 16 box. Decoration: whoever uses one gives the words. */

const PATHS = {
  cross: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.5 3.5L13 4.5",
  warning: "M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.8v.2",
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A button's face that shows an icon and says words. */
export function IconLabel({ name, text }: { name: keyof typeof PATHS; text: string }) {
  return (
    <>
      <Icon name={name} />
      <span className="visually-hidden">{text}</span>
    </>
  );
}
