"""The page as a whole. Drawing takes a second: it is written once for all tests but two."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from results_folder import Plan, write_folder

from radpipe.report.page import write_report

FIGURES = {
    "findings", "per_patient", "together", "weights", "training", "roc", "pr", "differences", "operating",
    "calibration",
}  # fmt: skip


@pytest.fixture(scope="module")
def written(ready):
    folder, settings = ready
    write_report(folder, settings, folder / "report.html")
    return folder, settings


@pytest.fixture(scope="module")
def page(written):
    return (written[0] / "report.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Collect (tag, attributes), and the tags that are still open."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.open = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def named(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def unpacked(page):
    """The page with the text inside its data addresses: CSV and SVG."""
    packed = re.findall(r"data:(?:text/csv|image/svg)[^,]*,([A-Za-z0-9+/=]+)", page)
    return page, *(base64.b64decode(text).decode() for text in packed)


def test_every_tag_is_closed(page):
    assert Tags(page).open == []


def test_the_text_of_a_label_is_never_markup(page):
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    for text in unpacked(page):
        if text.startswith("<?xml"):
            assert not [e for e in ElementTree.fromstring(text).iter() if e.tag.endswith("script")]


def test_the_page_loads_nothing(page):
    tags = Tags(page).tags
    targets = [a[key] for _, a in tags for key in ("href", "src", "srcset", "data", "action") if key in a]
    assert targets
    assert all(target.startswith(("data:", "#")) for target in targets)
    assert not re.search(r"https?://|@import|url\(", page)


def test_the_page_may_load_and_run_nothing(page):
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert set(rules) == {"default-src", "style-src", "img-src", "base-uri", "form-action"}
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_no_patient_file_or_folder_is_named(page):
    for text in unpacked(page):
        assert not re.search(r"P0000\d|secret|/home", text)


def test_anchors_lead_somewhere(page):
    tags = Tags(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [a[key].lstrip("#") for _, a in tags for key in ("href", "aria-labelledby") if key in a]
    assert {name for name in named if not name.startswith("data:")} <= set(ids)


def test_tables_and_pictures_can_be_heard(page):
    tags = Tags(page)
    assert all(header["scope"] in {"col", "row", "colgroup"} for header in tags.named("th"))
    assert all(picture["alt"] for picture in tags.named("img"))
    assert all(picture["aria-label"] for picture in tags.named("svg"))
    assert {tag for tag, _ in tags.tags} >= {"header", "nav", "main", "footer"}
    assert tags.named("a")[0]["class"] == "skip"


def test_every_table_is_offered_as_csv(page):
    tags = Tags(page)
    offered = [a["download"] for a in tags.named("a") if "download" in a]
    assert len(offered) == len(set(offered)) >= len(tags.named("table"))


def test_one_seed_says_what_is_not_estimated(page):
    assert "training variance is not estimated" in page


def test_figures_lie_beside_the_page(written):
    assert {path.stem for path in (written[0] / "figures").glob("*.png")} == FIGURES


def test_the_same_inputs_give_the_same_bytes(written, tmp_path):
    folder, settings = written
    write_report(folder, settings, tmp_path / "report.html")
    for name in ("report.html", *(f"figures/{figure}.png" for figure in FIGURES)):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_one_arm_without_boxes_makes_a_page_without_comparison(tmp_path):
    plan = Plan(losses=("bce",), boxes=False, never="Effusion")
    write_report(tmp_path, write_folder(tmp_path, plan), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "there is nothing to compare" in page
    assert "undefined: no positive case" in page
    assert "Difference" not in page
    assert not (tmp_path / "figures/differences.png").exists()


def test_targets_without_a_grid_have_no_section_of_it(page):
    assert '<section id="grid"' not in page


def test_the_audit_asks_to_look_and_shows_pairs(page):
    section = page.split('<section id="audit"')[1].split("</section>")[0]
    assert "2 checks" in section
    assert 'aria-label="Rows 1 and 5, side by side; 0 bits differ"' in section
    assert "P0000" not in section


def test_alternative_texts_are_words_and_no_records(page):
    texts = [attributes["aria-label"] for _, attributes in Tags(page).tags if "aria-label" in attributes]
    texts += [attributes["alt"] for attributes in Tags(page).named("img")]
    assert any(re.search(r"Macro: AUROC [+-]\d", text) for text in texts)
    assert not [text for text in texts if re.search(r"[A-Za-z]\(\w+=|object at 0x|\{'", text)]
