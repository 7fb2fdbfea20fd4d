"""Reads report.html with an HTML parser and prints what a reader would see as JSON.

usage: read_page.py FILE
"""
import base64
import html.parser
import json
import struct
import sys


class Page(html.parser.HTMLParser):
    """Text by element, images, and everything that could run or load something."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.images, self.active, self.references = [], {}, [], [], []
        self.language = None
        self.problems = []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "html":
            self.language = named.get("lang")
        if tag in ("script", "iframe", "object", "embed", "form", "link", "base") or any(n.startswith("on") for n in named):
            self.active.append(tag)
        for name in ("src", "href", "action"):
            # A place of the same page is nothing that is loaded.
            if name in named and not named[name].startswith(("data:image/png;base64,", "#")):
                self.references.append(named[name])
        if tag == "img":
            data = base64.b64decode(named["src"].split(",", 1)[1], validate=True)
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            self.images.append({"alt": named.get("alt", ""), "size": struct.unpack(">II", data[16:24])})
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(tag)

    def handle_data(self, data):
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(data)


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
print(json.dumps({
    "language": page.language, "texts": page.texts, "images": page.images, "active": page.active,
    "references": page.references, "unbalanced": page.problems + page.open,
}))
