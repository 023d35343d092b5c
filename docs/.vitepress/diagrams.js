// A fenced block of `mermaid` is drawn by the component of that name.
export const diagrams = (md) => {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (...given) => {
    const { info, content } = given[0][given[1]];
    return info.trim() === "mermaid" ? `<Mermaid code="${encodeURIComponent(content)}" />` : fence(...given);
  };
};
