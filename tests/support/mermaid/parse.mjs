/**
 * Answers whether mermaid would draw a text, and what it would draw: one JSON line in, one JSON line out, until the
 * input ends. In: {id, text}. Out: {id, ok: true, type, title, description, nodes, edges, subgraphs} or {id, ok: false, error}.
 */

import { window } from "./page.mjs";
import { createInterface } from "node:readline";
import mermaid from "mermaid";
import { drawnText, spokenText } from "./drawn_text.mjs";

const LONGEST_TEXT = 50_000; // maxTextSize, which mermaid checks when it renders and not when it parses

console.log = console.info = console.debug = console.error; // the answers own the standard output
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
}
window.close();

async function answer({ id, text }) {
  try {
    return { id, ok: true, ...(await drawnDiagram(text)) };
  } catch (error) {
    return { id, ok: false, error: String(error?.message ?? error) };
  }
}

async function drawnDiagram(text) {
  if (text.length > LONGEST_TEXT) {
    throw new Error(`Maximum text size in diagram exceeded: ${text.length} UTF-16 units, the limit is ${LONGEST_TEXT}`);
  }
  await mermaid.parse(text); // sets the diagram's own configuration, and throws as the renderer would
  const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return {
    type,
    title: spokenText(db.getAccTitle?.() ?? ""),
    description: spokenText(db.getAccDescription?.() ?? ""),
    ...(db.getSubGraphs && db.getData ? flowchartParts(db) : { nodes: [], edges: [], subgraphs: [] }),
  };
}

/** From getData, which is what the layout is given: a subgraph that an edge names is not counted as a node. */
function flowchartParts(db) {
  const { nodes, edges } = db.getData();
  const members = new Map(db.getSubGraphs().map((subgraph) => [subgraph.id, subgraph.nodes]));
  const classes = new Map([...db.getVertices()].map(([id, vertex]) => [id, vertex.classes]));
  return {
    nodes: nodes
      .filter((node) => !members.has(node.id))
      .map((node) => ({ id: node.id, label: drawnText(node.label ?? ""), classes: classes.get(node.id) ?? [] })),
    edges: edges.map((edge) => ({ from: edge.start, to: edge.end, label: drawnText(edge.label ?? "") })),
    subgraphs: nodes
      .filter((node) => members.has(node.id))
      .map((node) => ({ id: node.id, label: drawnText(node.label ?? ""), nodes: members.get(node.id) })),
  };
}
