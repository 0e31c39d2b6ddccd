"""Attacks on whoever reads the graded notebook: scripts in texts, outputs, errors and attachments."""

from __future__ import annotations

from red_team.cells import ALL, RIGHT
from red_team.submission import Edit, Hostile, Notebook, add, both, write

SCRIPT = "<script>document.title='@TOKEN@'</script><img src=x onerror=\"document.title='@TOKEN@'\">"
SHOWS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
script = {SCRIPT!r}
display(HTML(script), Markdown(script + "[x](javascript:alert(1))"), Javascript("document.title='@TOKEN@'"))
onload = "onload=\\"document.title='@TOKEN@'\\""
display(SVG(data="<svg xmlns='http://www.w3.org/2000/svg' " + onload + "><script>1</script></svg>"))
display({{"text/latex": script, "application/vnd.jupyter.widget-view+json": {{"model_id": script}},
         "image/png": '"onerror="document.title=1', "text/plain": script, script: script}}, raw=True)
print("\\x1b]8;;javascript:alert(1)\\x07" + script)
"""
ERRORS = f"""
def double(number):
    raise type("<b onmouseover=alert(1)>", (Exception,), {{}})({SCRIPT!r})

words = {SCRIPT!r}

def halve(number):
    return {SCRIPT!r}
"""


def stored(notebook: Notebook) -> None:
    """Put scripts into the file itself, where nothing has to be run."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            html = {"text/html": SCRIPT, "application/javascript": "document.title='@TOKEN@'"}
            cell["outputs"] = [{"output_type": "display_data", "data": html, "metadata": {}}]
            cell["execution_count"] = 1
        else:
            cell["source"] = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            cell["source"] += SCRIPT
            cell["attachments"] = {"x.svg": {"image/svg+xml": SCRIPT}, '"><script>': {"text/html": SCRIPT}}
    notebook["metadata"]["title"] = notebook["metadata"]["authors"] = SCRIPT
    text = {"cell_type": "markdown", "id": "own-text", "metadata": {}, "source": SCRIPT}
    raw = {"cell_type": "raw", "id": "own-raw", "metadata": {"format": "text/html"}, "source": SCRIPT}
    notebook["cells"] += [text, raw]


def texts(*sources: str) -> Edit:
    """Add Markdown cells of the student's own."""

    def edit(notebook: Notebook) -> None:
        for number, source in enumerate(sources):
            text = {"cell_type": "markdown", "id": f"own-{number}", "metadata": {}, "source": source}
            notebook["cells"].append(text)

    return edit


def attached(notebook: Notebook) -> None:
    attachments = {f"{number}.png": {"image/png": "eA=="} for number in range(40_000)}
    source = "attachment:x " * 20_000
    text = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": source, "attachments": attachments}
    notebook["cells"].append(text)


SUBMISSIONS = (
    Hostile("shows-scripts", "scripts in HTML, Markdown, SVG, JavaScript and made-up outputs", "double",
            both(write(halve=RIGHT["halve"]), add(SHOWS)), {"halve": 1.5}, stock="trace"),
    Hostile("raises-scripts", "scripts in errors and results", "double", write(double=ERRORS), stock="held"),
    Hostile("stops-the-cleaner", "Markdown that a regular expression does not come to an end with", "double",
            both(write(**RIGHT), texts("<p style='" + "color: " * 40 + "!", "<p style='" + "color: " * 9000 + "!",
                                       "<p" + " " * 40_000 + "!", "<p style='" + " " * 40_000 + "!")),
            ALL, stock="held"),
    Hostile("attaches-much", "forty thousand attachments to a long text", "double", both(write(**RIGHT), attached),
            ALL, stock="held"),
    Hostile("defines-commands", "links in formulas, under other names", "double",
            both(write(**RIGHT), texts("$\\def\\h#1{\\href{#1}{click}} \\h{javascript:alert(1)}$",
                                       "$\\let\\k\\href\\k{javascript:alert(1)}{click}$")), ALL, stock="trace"),
    Hostile("stores-scripts", "scripts stored in outputs, texts, attachments and metadata", "double",
            both(write(words=RIGHT["words"]), stored), {"words": 1}, stock="trace"),
)  # fmt: skip
