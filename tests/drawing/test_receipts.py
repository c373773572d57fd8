"""The receipts are reproducible, their sums add up, and their text agrees with the truth."""

import io
import re
import tomllib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from fixtures.drawing.__main__ import write_receipts, write_task_file
from fixtures.drawing.receipt_pictures import MARGIN, Row, draw_receipt, list_rows, load_font
from fixtures.drawing.receipts import DOLLAR, EURO, EURO_BEFORE, RECEIPTS, YEN, Look, Receipt

KEPT = Path(__file__).parents[2] / "fixtures" / "images" / "receipts"
TASK = tomllib.loads((KEPT / "task.toml").read_text(encoding="utf-8"), parse_float=Decimal)
each_receipt = pytest.mark.parametrize("receipt", RECEIPTS, ids=lambda receipt: receipt.name)


def opened(receipt: Receipt) -> Image.Image:
    """Return the stored picture of a receipt."""
    return Image.open(io.BytesIO((KEPT / receipt.name).read_bytes()))


def measure_contrast(receipt: Receipt) -> float:
    """Return the difference between the brightest and the darkest grey of a receipt."""
    histogram = opened(receipt).convert("L").histogram()
    greys = [grey for grey, count in enumerate(histogram) if count]
    return greys[-1] - greys[0]


def split_rows(receipt: Receipt) -> list[list[Row]]:
    """Return the rows of a receipt between its rules: head, date, items, sums and end."""
    parts = groupby(list_rows(receipt), lambda row: row.kind == "rule")
    return [list(rows) for is_rule, rows in parts if not is_rule]


def read_amount(text: str) -> Decimal:
    """Return the amount in a text; in euros the comma is the decimal sign."""
    number = re.sub(r"[^\d.,]", "", text)
    if "€" in text:
        number = number.translate(str.maketrans(",.", ".,"))
    return Decimal(number.replace(",", ""))


def test_the_receipts_are_drawn_again_the_same(tmp_path: Path) -> None:
    """The code writes the same files as in the repository."""
    write_receipts(tmp_path)
    drawn, kept = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in (tmp_path, KEPT))
    assert drawn == kept


def test_the_files_are_twelve_small_jpegs() -> None:
    """Each has 25 to 70 KB and the width of a receipt, and all together have less than 800 KB."""
    assert [receipt.name for receipt in RECEIPTS] == [f"r{number:02}.jpg" for number in range(1, 13)]
    sizes = [(KEPT / receipt.name).stat().st_size for receipt in RECEIPTS]
    assert all(25_000 <= size <= 70_000 for size in sizes), sizes
    assert sum(sizes) < 800_000
    for receipt in RECEIPTS:
        assert opened(receipt).format == "JPEG"
        assert 400 <= opened(receipt).width <= 600


def test_the_task_asks_for_three_fields_of_every_receipt() -> None:
    """Merchant and date are text, and the total is a number, in yen a whole one."""
    assert TASK["fields"] == {"merchant": "text", "total": "number", "date": "text"}
    assert (TASK["answer"], TASK["tolerance"]) == ("fields", Decimal("0.005"))
    assert list(TASK["truth"]) == list(TASK["sha256"]) == [receipt.name for receipt in RECEIPTS]
    for receipt in RECEIPTS:
        truth = TASK["truth"][receipt.name]
        assert list(truth) == list(TASK["fields"])
        assert type(truth["total"]) is (int if receipt.currency is YEN else Decimal)


@each_receipt
def test_what_is_printed_adds_up_to_the_truth(receipt: Receipt) -> None:
    """The items add up to the sub-total, with tax to the total, and the last total is the truth."""
    _, _, items, sums, _ = split_rows(receipt)
    assert 3 <= len(receipt.items) <= 8
    sub_total, tax, total, *extra = (read_amount(row.right) for row in sums)
    assert sum(read_amount(row.right) for row in items if row.right) == sub_total
    assert sub_total + tax == total
    assert (total if not extra else total + extra[0]) == (total, *extra)[-1] == TASK["truth"][receipt.name]["total"]


@each_receipt
def test_several_pieces_cost_their_number_times_the_price(receipt: Receipt) -> None:
    """The line below an item has the number and the price, whose product is the amount."""
    _, _, items, _, _ = split_rows(receipt)
    pieces = [(above, row) for above, row in pairwise(items) if not row.right]
    assert len(pieces) == sum(item.count > 1 for item in receipt.items)
    for above, row in pieces:
        count, price = row.left.split(" x ")
        assert int(count) * read_amount(price) == read_amount(above.right)


@each_receipt
def test_the_tax_is_the_rate_that_is_printed(receipt: Receipt) -> None:
    """The tax equals the printed rate times the sub-total, within half of the smallest unit."""
    sub_total, tax = split_rows(receipt)[3][:2]
    rate = re.search(r"([\d.,]+) ?%$", tax.left)
    assert rate
    exact = read_amount(sub_total.right) * Decimal(rate[1].replace(",", ".")) / 100
    unit = 1 if receipt.currency is YEN else Decimal("0.01")
    assert abs(read_amount(tax.right) - exact) <= unit / Decimal(2)


@each_receipt
def test_merchant_and_date_are_printed_as_the_truth_says(receipt: Receipt) -> None:
    """A date with the month as a number has a day above 12, so it can be read in one way only."""
    truth = TASK["truth"][receipt.name]
    head, (day, *_), *_ = split_rows(receipt)
    assert head[0].left == truth["merchant"]
    assert head[1].left == receipt.address
    printed = datetime.strptime(day.left, receipt.date_format)  # noqa: DTZ007 - a date has no time zone
    assert printed.date().isoformat() == truth["date"]
    assert printed.day > 12 or re.search(r"%[bB]|^%Y", receipt.date_format)


def test_dates_are_printed_in_many_formats() -> None:
    """There are at least eight formats, and no date occurs twice."""
    assert len({receipt.date_format for receipt in RECEIPTS}) >= 8
    assert len({receipt.date for receipt in RECEIPTS}) == 12


def test_four_currencies_are_printed_as_their_countries_do() -> None:
    """Euros have a decimal comma, yen no decimals, and a receipt has one currency."""
    shapes = {
        "$": r"\$\d{1,3}(,\d{3})*\.\d\d",
        "£": r"£\d{1,3}(,\d{3})*\.\d\d",
        "¥": r"¥\d{1,3}(,\d{3})*",
        "€": r"(€ )?\d{1,3}(\.\d{3})*,\d\d( €)?",
    }
    for receipt in RECEIPTS:
        _, _, items, sums, _ = split_rows(receipt)
        amounts = [row.right for row in (*items, *sums) if row.right]
        assert all(re.fullmatch(shapes[receipt.currency.sign], amount) for amount in amounts), amounts
    assert {receipt.currency.sign for receipt in RECEIPTS} == set(shapes)


def test_amounts_of_thousands_are_grouped() -> None:
    """Each currency has its own thousands separator and decimal sign."""
    assert DOLLAR.format_amount(123456) == "$1,234.56"
    assert EURO.format_amount(123456) == "1.234,56 €"
    assert EURO_BEFORE.format_amount(5) == "€ 0,05"
    assert YEN.format_amount(123456) == "¥123,456"


def test_one_receipt_has_two_totals() -> None:
    """It has a tip after its first total; the others have one total."""
    totals = {receipt.name: [row for row in list_rows(receipt) if row.kind == "total"] for receipt in RECEIPTS}
    (twice,) = [name for name, rows in totals.items() if len(rows) > 1]
    assert [row.left for row in totals[twice]] == ["TOTAL", "AMOUNT DUE"]
    assert all(len(rows) == 1 for name, rows in totals.items() if name != twice)


def test_one_is_askew_and_one_is_pale_and_one_is_long() -> None:
    """The three are different receipts."""
    (askew,) = [receipt for receipt in RECEIPTS if receipt.look.turn]
    (pale,) = [receipt for receipt in RECEIPTS if measure_contrast(receipt) < 100]
    (long,) = [receipt for receipt in RECEIPTS if opened(receipt).height > 900]
    assert len({askew.name, pale.name, long.name}) == 3
    assert all(measure_contrast(receipt) > 200 for receipt in RECEIPTS if receipt is not pale)


@each_receipt
def test_nothing_is_cut_off(receipt: Receipt) -> None:
    """The margin has the colour of the paper on all sides, apart from JPEG artefacts within 8 pixels."""
    picture, clear = opened(receipt), MARGIN - 8
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, receipt.look.paper)).convert("L")
    box = difference.point(lambda level: 255 * (level > 12)).getbbox()
    assert box
    left, top, right, bottom = box
    assert min(left, top, picture.width - right, picture.height - bottom) >= clear


@each_receipt
def test_every_letter_is_in_the_font(receipt: Receipt) -> None:
    """No letter is drawn as the box for a missing one."""
    font = load_font(receipt.look.face, 20)
    missing = bytes(font.getmask("\uffff"))
    letters = {letter for row in list_rows(receipt) for letter in row.left + row.right}
    assert [letter for letter in sorted(letters) if bytes(font.getmask(letter)) == missing] == []


def test_a_line_that_is_too_long_is_refused() -> None:
    """A text that would overlap another or the edge raises an error."""
    narrow = replace(RECEIPTS[0], look=Look(width=300))
    with pytest.raises(ValueError, match="do not fit on paper 300 pixels wide"):
        draw_receipt(narrow)


def test_a_task_file_holds_numbers_as_well(tmp_path: Path) -> None:
    """The header comes first, then the tables; names with quotation marks and numbers are read back unchanged."""
    write_task_file(tmp_path, 'answer = "count"\n\n', {'a "b".jpg': 4, "c.jpg": 0}, {"c.jpg": "00"})
    text = (tmp_path / "task.toml").read_text(encoding="utf-8")
    assert text == 'answer = "count"\n\n[truth]\n"a \\"b\\".jpg" = 4\n"c.jpg" = 0\n\n[sha256]\n"c.jpg" = "00"\n'
    assert tomllib.loads(text)["truth"] == {'a "b".jpg': 4, "c.jpg": 0}
