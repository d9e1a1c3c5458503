/** What a person reads where mermaid 11.17 draws a label. */

import { window } from "./page.mjs";
import DOMPurify from "dompurify";

const LINE_BREAK = /\\n|\n/g; // a backslash followed by "n" breaks the line in every quoted label
const ICON = /(fa[bklrs]?):fa-([\w-]+)/g;
const FORMULA = /\$\$(.*?)\$\$/g;
const MARKER_END = /marker-end="url\([\d+./:=?A-Za-z-]*?#/g;

/**
 * The same steps in the same order as mermaid's labelHelper, createText and cleanUpSvgCode. Where the picture has a formula
 * or an icon, the words that made it are gone here.
 */
export function drawnText(label) {
  const words = sanitize(decodeEntities(label)).replace(LINE_BREAK, "<br />").replace(FORMULA, "").replace(ICON, "");
  const box = asWritten(sanitize(words));
  for (const lineBreak of box.querySelectorAll("br")) lineBreak.replaceWith("\n");
  return box.textContent.trim();
}

/** The picture's own title or description, which is text from the start: its tags are words. */
export function spokenText(text) {
  const box = window.document.createElement("p");
  box.textContent = text;
  return asWritten(box.innerHTML).textContent.trim();
}

function asWritten(html) {
  const box = window.document.createElement("p");
  box.innerHTML = html;
  box.innerHTML = decodeEntities(box.innerHTML.replace(MARKER_END, 'marker-end="url(#'));
  return box;
}

function decodeEntities(text) {
  return text.replace(/ﬂ°°/g, "&#").replace(/ﬂ°/g, "&").replace(/¶ß/g, ";");
}

function sanitize(text) {
  return DOMPurify.sanitize(DOMPurify.sanitize(text), { FORBID_TAGS: ["style"] });
}
