"""Checks the links of a built book: every page, file and heading that its HTML names must exist. Links to other hosts are not followed.

    .ci/links.py FOLDER
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit


class Page(HTMLParser):
    """The links of a page, and the names that a link may lead to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids = set(), set()
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.add(value)


def broken(folder):
    """Yields each link that leads nowhere, with its page."""
    # 404.html is served for any address, so its links are relative to the root of a site.
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html")) if path.name != "404.html"}
    count = 0
    for path, page in pages.items():
        for link in sorted(page.links):
            if urlsplit(link).scheme:
                continue
            count += 1
            target, fragment = urldefrag(link)
            found = (path.parent / unquote(target)).resolve() if target else path
            if not found.is_file():
                yield f"{path.relative_to(folder)}: {link}: there is no such file"
            elif fragment and unquote(fragment) not in (pages[found].ids if found in pages else ()):
                yield f"{path.relative_to(folder)}: {link}: there is no such heading"
    if count < 100:
        yield f"{len(pages)} pages have only {count} links: this is not the book"


def main():
    folder = Path(sys.argv[1]).resolve()
    found = list(broken(folder))
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    sys.exit(bool(found))


main()
