import gzip
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "static/frontdesk"
PAGES = [
    path
    for path in (ROOT / "templates").rglob("*.html")
    if not {"emails", "admin", "notifications"} & set(path.parts)
]
CATALOGUE = ROOT / "locale/vi/LC_MESSAGES/django"


@pytest.mark.row("E14")
class TestScripts:
    def test_weigh_at_most_40_kb_together(self):
        files = [*SCRIPTS.glob("js/*.js"), *SCRIPTS.glob("vendor/*.js")]

        assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= 40_000

    def test_never_import_one_another_since_hashed_names_would_break_it(self):
        found = [f.name for f in SCRIPTS.glob("js/*.js") if re.search(r"^import ", f.read_text())]

        assert found == []


@pytest.mark.row("A16")
class TestPages:
    @pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_hold_nothing_the_policy_refuses(self, path):
        text = path.read_text()

        assert not re.search(
            r"\sstyle=|<style|\son\w+=|hx-on|hx-vals='js:|<script(?![^>]*\ssrc=)", text
        )


def translation(compiled, message):
    """Return what a page would show for a message of the catalogue."""
    if isinstance(message.id, tuple):
        return compiled.ngettext(*message.id, 2)
    if message.context:
        return compiled.pgettext(message.context, message.id)
    return compiled.gettext(message.id)


class TestVietnamese:
    def test_has_a_sentence_for_each_one_and_is_compiled(self):
        with Path(f"{CATALOGUE}.po").open("rb") as source:
            written = read_po(source)
        with Path(f"{CATALOGUE}.mo").open("rb") as source:
            compiled = GNUTranslations(source)

        assert [message.id for message in written if message.id and not message.string] == []
        assert [message.id for message in written if message.fuzzy and message.id] == []
        for message in filter(lambda message: message.id, written):
            string = message.string
            wanted = string[0] if isinstance(string, tuple | list) else string
            assert translation(compiled, message) == wanted

    def test_keeps_every_placeholder(self):
        with Path(f"{CATALOGUE}.po").open("rb") as source:
            messages = [
                (m.id, str(m.string)) for m in read_po(source) if m.id and isinstance(m.id, str)
            ]
        places = re.compile(r"%\(\w+\)s|\{\w+\}")

        wrong = [
            text
            for text, said in messages
            if set(places.findall(text)) != set(places.findall(said))
        ]
        assert wrong == []


class TestChart:
    def test_writes_its_numbers_as_svg_reads_them_in_every_language(self):
        chart = {"width": 640, "height": 200, "base": 176.0, "lines": [92.5], "bars": []}

        with override("vi"):
            text = render_to_string("components/chart.html", {"chart": chart, "title": "Thu"})

        assert 'y1="92.5"' in text


@pytest.mark.row("E14")
class TestAccentStylesheet:
    def test_is_kept_for_a_year_and_needs_no_database(self):
        answer = Client().get("/accent/c2410c.css")

        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/css; charset=utf-8"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.content.startswith(b":root{--accent:light-dark(#c2410c,")

    def test_serves_nothing_but_colours(self, client):
        assert client.get("/accent/red%7D.css").status_code == 404
