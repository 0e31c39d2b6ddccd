"""Texts that run in the browser of whoever looks at them, if nobody cleans them: each calls `ran` with its number."""

IN_MARKDOWN = [
    "<script>ran(1)</script>",
    "A picture <img src=nowhere onerror=ran(2)> in a line",
    '<img src="nowhere" onerror="ran(3)">',
    "```mermaid\n<img src=nowhere onerror=ran(4)>\n```",
    '<svg onload="ran(5)"></svg>',
    "[click](javascript:ran(6))",
    "[click][there]\n\n[there]: javascript:ran(7)",
    "<javascript:ran(8)>",
    "[click](files/javascript:ran(9))",
    '<a href="java&#x0A;script:ran(10)">click</a>',
    "<details open ontoggle=ran(11)><summary>more</summary></details>",
    "<!--><img src=nowhere onerror=ran(12)>-->",
    "<div\nonmouseover=ran(13)>over</div>",
    "- a list\n  <script>ran(14)</script>",
    "> <script>ran(15)</script>",
    "| <img src=nowhere onerror=ran(16)> |\n|---|\n| x |",
    '<iframe srcdoc="<script>parent.ran(17)</script>"></iframe>',
    '<math><a xlink:href="javascript:ran(18)">x</a></math>',
    "## <img src=nowhere onerror=ran(19)>",
    '<form action="javascript:ran(20)"><button>go</button></form>',
    "<style>@keyframes x{}</style><b style='animation-name:x' onanimationstart=ran(21)>x</b>",
]
IN_HTML = [
    "<script>ran(31)</script>",
    "<img src=nowhere onerror=ran(32)>",
    '<svg onload="ran(33)"></svg>',
    '<a href="javascript:ran(34)">click</a>',
    "<table><tr><td onmouseover=ran(35)>over</td></tr></table>",
    '<iframe srcdoc="<script>parent.ran(36)</script>"></iframe>',
    '<a href=" &#1; javascript:ran(37)">click</a>',
    "<p><style><img src=nowhere onerror=ran(38)></style></p>",
    "<noscript><p title='</noscript><img src=nowhere onerror=ran(39)>'></noscript>",
    "<svg></p><style><a id='</style><img src=nowhere onerror=ran(40)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=nowhere onerror=ran(41)&gt;'>",
]
# These ran when they were tried; the others do so in other places or in other browsers.
RUN_WHERE_NOBODY_CLEANS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 19, 21, 31, 32, 33, 34, 35, 36, 37}
DISPLAYED = f"""
from IPython.display import HTML, Javascript, SVG, Markdown, display
for html in {IN_HTML!r}:
    display(HTML(html))
display(Javascript("ran(51)"), SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="ran(52)"></svg>'))
display(Markdown("<script>ran(53)</script>"))
isolated = {{"text/html": {{"isolated": True}}}}
display({{"text/html": "<script>ran(54)</script>", "text/plain": "x"}}, raw=True, metadata=isolated)
display({{"application/vnd.jupyter.widget-view+json": {{"model_id": "</script><script>ran(55)</script>"}}}}, raw=True)
display({{"image/png": 'x"><img src=nowhere onerror=ran(56)>', "text/plain": "y"}}, raw=True)
display({{"text/latex": "<script>ran(57)</script>", "text/plain": "z"}}, raw=True)
print("<script>ran(58)</script>", "\\x1b[38m\\x1b]8;;javascript:ran(59)\\x07link\\x1b]8;;\\x07")
"""
TABLE = """
import pandas
pandas.DataFrame({'<script>ran(61)</script>': [1.5], 'b': ['<img src=nowhere onerror=ran(62)>']})
"""
RAISES = """
def double(number):
    raise ValueError('<script>ran(71)</script>` **bold** ``` <img src=nowhere onerror=ran(72)>')
"""
NAME = '<img src="nowhere" onerror="ran(81)">'
OTHER_NAME = '<img src="nowhere" onerror="ran(82)">'
WIDGETS = {"application/vnd.jupyter.widget-state+json": {"x": "</script><script>ran(91)</script>"}}
TITLE = "</title><script>ran(92)</script>"
