import { type ComponentProps, useId } from "react";

type Shared = { label: string; hint?: string | undefined; fault?: string | undefined };

/** A line to fill in, with its name above it, and what is wrong with it below. */
export function Field({ label, hint, fault, ...rest }: Shared & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-describedby={`${id}-more`} aria-invalid={fault !== undefined} {...rest} />
      <FieldNote id={`${id}-more`} hint={hint} fault={fault} />
    </div>
  );
}

export function TextField({ label, hint, fault, ...rest }: Shared & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} rows={2} aria-describedby={`${id}-more`} aria-invalid={fault !== undefined} {...rest} />
      <FieldNote id={`${id}-more`} hint={hint} fault={fault} />
    </div>
  );
}

export function SelectField({ label, hint, fault, children, ...rest }: Shared & ComponentProps<"select">) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} aria-describedby={`${id}-more`} {...rest}>
        {children}
      </select>
      <FieldNote id={`${id}-more`} hint={hint} fault={fault} />
    </div>
  );
}

export function CheckField({ label, ...rest }: { label: string } & ComponentProps<"input">) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}

function FieldNote({ id, hint, fault }: { id: string; hint: string | undefined; fault: string | undefined }) {
  return (
    <p id={id} className={fault ? "field-fault" : "field-hint"} role={fault ? "alert" : undefined}>
      {fault ?? hint}
    </p>
  );
}
