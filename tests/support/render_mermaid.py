"""Draws a mermaid file as GitHub would, into a PNG: python tests/support/render_mermaid.py FILE.mmd OUT.png."""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

MERMAID_SCRIPT = Path(__file__).parent / "mermaid" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
CHROMIUM_COMMANDS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=60000",
)
LONGEST_SIDE_PX = 16_000  # Chromium's screenshots stop being drawn a little above
MARGIN_PX = 16

PAGE = """<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<style>body { margin: %(margin)dpx; background: white } #picture { width: max-content } #report { display: none }</style>
<div id="picture"></div><pre id="report"></pre>
<script>%(mermaid)s</script>
<script>
const texts = (selector) => [...document.querySelectorAll("#picture " + selector)].map((label) => label.innerText);
async function draw(source) {
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  const { svg } = await mermaid.render("diagram", source);
  const picture = document.getElementById("picture");
  picture.innerHTML = svg;
  const drawn = picture.querySelector("svg");
  const { width, height } = drawn.viewBox.baseVal;
  const scale = Math.min(1, %(longest)d / Math.max(width, height));
  drawn.removeAttribute("style");
  drawn.setAttribute("width", width * scale);
  drawn.setAttribute("height", height * scale);
  return {
    width: Math.ceil(width * scale), height: Math.ceil(height * scale),
    title: drawn.querySelector("title")?.textContent ?? "", description: drawn.querySelector("desc")?.textContent ?? "",
    nodes: texts(".node .nodeLabel"), edges: texts(".edgeLabel .edgeLabel"), subgraphs: texts(".cluster-label .nodeLabel"),
  };
}
draw(%(source)s).catch((error) => ({ error: String(error && error.message || error) }))
  .then((report) => { document.getElementById("report").textContent = JSON.stringify(report); });
</script>
"""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser drew: its size without margins, and every label as its innerText, in drawing order."""

    width: int = 0
    height: int = 0
    title: str = ""
    description: str = ""
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    subgraphs: tuple[str, ...] = ()
    error: str = ""


class CannotDrawError(Exception):
    """Chromium or mermaid is missing, or mermaid refused the text."""


def draw_mermaid(text: str, png: Path | None = None) -> Picture:
    """Opens the diagram in Chromium, and photographs it when a file is given. Uses no network."""
    with tempfile.TemporaryDirectory(prefix="draw-mermaid-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(_page(text), encoding="utf-8")
        picture = _report(_chromium(page, "--dump-dom"))
        if picture.error:
            raise CannotDrawError(picture.error)
        if png is not None:
            size = f"{picture.width + 2 * MARGIN_PX},{picture.height + 2 * MARGIN_PX}"
            _chromium(page, f"--screenshot={png.resolve()}", f"--window-size={size}")
        return picture


def _page(text: str) -> str:
    if not MERMAID_SCRIPT.is_file():
        raise CannotDrawError("mermaid is not installed: run `npm ci --prefix tests/support/mermaid`")
    return PAGE % {
        "mermaid": MERMAID_SCRIPT.read_text(encoding="utf-8").replace("</script", "<\\/script"),
        "source": json.dumps(text).replace("<", "\\u003c"),
        "longest": LONGEST_SIDE_PX,
        "margin": MARGIN_PX,
    }


def _chromium(page: Path, *flags: str) -> str:
    command = next(filter(None, map(shutil.which, CHROMIUM_COMMANDS)), None)
    if command is None:
        raise CannotDrawError(
            "Chromium is not installed: get it from your system's packages (Debian: apt install chromium)"
        )
    with tempfile.TemporaryDirectory(prefix="draw-mermaid-profile-") as profile:
        arguments = [command, *CHROMIUM_FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
        done = subprocess.run(arguments, capture_output=True, timeout=120, check=False)
    if done.returncode:
        raise CannotDrawError(
            f"Chromium ended with code {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    return done.stdout.decode()


def _report(dom: str) -> Picture:
    found = re.search(r'<pre id="report">(.+?)</pre>', dom, re.DOTALL)
    if found is None:
        raise CannotDrawError("Chromium showed the page and mermaid drew nothing in a minute")
    return msgspec.json.decode(html.unescape(found[1]), type=Picture)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python tests/support/render_mermaid.py FILE.mmd OUT.png")
    try:
        drawn = draw_mermaid(Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2]))
    except (CannotDrawError, OSError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    sys.stdout.write(f"{sys.argv[2]}: {drawn.width} x {drawn.height} px, {len(drawn.nodes)} nodes\n")
