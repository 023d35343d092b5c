// The entry for React, as a program in TypeScript has it. Checked by the compiler, never run.
import { CardField, useCardField, type CardFieldProps } from "bananatech/react";
import type { Card, Reason } from "bananatech/forms";
import { useRef, useState } from "react";

export const Form = () => {
  const [text, setText] = useState("");
  const [card, setCard] = useState<Card | null>(null);
  const [reason, setReason] = useState<Reason | null>(null);
  const element = useRef<HTMLInputElement>(null);
  const cvv = useCardField("cvv", { size: card?.code.size ?? [3, 4] });
  const expiry = useCardField("expiry");
  const year: number | null | undefined = expiry.state?.year;
  // @ts-expect-error: another kind has no card
  void cvv.state?.card;
  // @ts-expect-error: an option of another kind
  useCardField("cvv", { maxLength: 16 });
  // @ts-expect-error: no such kind
  useCardField("card-number");
  return (
    <form onSubmit={() => void [year, reason]}>
      <CardField
        kind="number"
        options={{ assignment: true }}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onState={(state) => setCard(state.card)}
        ref={element}
        className="field"
        aria-describedby="problem"
      />
      <CardField kind="pin" type="password" onState={(state) => setReason(state.reason)} />
      {/* @ts-expect-error: what is said of a PIN doesn't hold it */}
      <CardField kind="pin" onState={(state) => void state.value} />
      {/* @ts-expect-error: an option of another kind */}
      <CardField kind="name" options={{ size: 4 }} />
      {/* @ts-expect-error: no kind */}
      <CardField />
      <input ref={cvv.ref} />
      <input ref={expiry.ref} defaultValue="12/27" />
    </form>
  );
};

export const props: CardFieldProps<"number"> = { kind: "number", options: { maxLength: 16 } };
