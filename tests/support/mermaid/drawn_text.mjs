/** What a person reads where mermaid 11.17 draws a label. */

import { window } from "./page.mjs";
import DOMPurify from "dompurify";

const LINE_BREAK = /\\n|\n/g; // a backslash followed by "n" breaks the line in every quoted label
const ICON = /(fa[bklrs]?):fa-([\w-]+)/g;
const FORMULA = /\$\$(.*?)\$\$/g;
const MARKER_END = /marker-end="url\([\d+./:=?A-Za-z-]*?#/g;

/**
 * The same steps in the same order as mermaid's labelHelper, createText and cleanUpSvgCode. A formula keeps its dollars
 * here and loses them in the picture, so it is shown as what it is not: an empty word.
 */
export function drawnText(label) {
  const box = window.document.createElement("p");
  const plain = sanitize(decodeEntities(label)).replace(LINE_BREAK, "<br />").replace(FORMULA, "").replace(ICON, "");
  box.innerHTML = sanitize(plain);
  box.innerHTML = decodeEntities(box.innerHTML.replace(MARKER_END, 'marker-end="url(#'));
  for (const lineBreak of box.querySelectorAll("br")) lineBreak.replaceWith("\n");
  return box.textContent.trim();
}

function decodeEntities(text) {
  return text.replace(/ﬂ°°/g, "&#").replace(/ﬂ°/g, "&").replace(/¶ß/g, ";");
}

function sanitize(text) {
  return DOMPurify.sanitize(DOMPurify.sanitize(text), { FORBID_TAGS: ["style"] });
}
