"use client";
// Card fields for React: the library looks after the element, React keeps what it says. react.d.ts describes it.
import { createElement, useCallback, useEffect, useImperativeHandle, useRef, useState } from "react";
import { follow } from "./forms-follow.js";

const useFollowed = (kind, options) => {
  const [state, setState] = useState(null);
  const input = useRef(null);
  const field = useRef(null);
  const ref = useCallback(
    (element) => {
      field.current?.detach();
      input.current = element;
      field.current = element && follow(element, kind, options, setState);
      if (!element) setState(null);
    },
    // Other options come by an update.
    [kind],
  );
  // After each rendering, which may have set another text as well.
  useEffect(() => field.current?.update(options));
  return { ref, state, input };
};

export const useCardField = (kind, options) => {
  const { ref, state } = useFollowed(kind, options);
  return { ref, state };
};

export const CardField = ({ kind, options, onState, ref: given, ...props }) => {
  const { ref, state, input } = useFollowed(kind, options);
  useImperativeHandle(given, () => input.current, []);
  useEffect(() => {
    if (state) onState?.(state);
  }, [state]);
  return createElement("input", { ...props, ref });
};
