"""The results as a Markdown table."""

from dataclasses import asdict, dataclass

from comparison.figures import Figure, Sense, Target, Unit
from comparison.results import Results

HEADINGS = ("work", "figure", "median (least–greatest)", "compared with", "ratio", "at least", "aim", "met?")


@dataclass(frozen=True)
class Row:
    work: str
    title: str
    figure: str
    other: str = ""
    ratio: float | None = None
    least: str = ""
    aim: str = ""
    met: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"({self.work})", self.title, self.figure, self.other, ratio, self.least, self.aim, self.met

    def document(self) -> dict[str, object]:
        return asdict(self)


def rows(figures: list[Figure], results: Results) -> list[Row]:
    """A row for each figure that was asked for, and for each further target of one."""
    found: list[Row] = []
    for figure in figures:
        if reason := results.failure(figure.name):
            found.append(Row(figure.work, figure.title, f"none: {_line(reason)}", met="no" if figure.targets else ""))
        elif results.series(figure.name):
            targets = [target for target in figure.targets if _is_known(target, results)]
            found += [_row(figure, target, figures, results) for target in targets] or [_bare(figure, results)]
    return found


def markdown(found: list[Row]) -> str:
    """With nothing in the first cells of a row that only goes on with the one above."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    above: tuple[str, ...] = ()
    for row in found:
        cells = row.cells
        shown = ("", "", "", *cells[3:]) if cells[:3] == above else cells
        above = cells[:3]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in shown) + " |")
    return "\n".join(lines)


def _is_known(target: Target, results: Results) -> bool:
    """Whether there is something to say about it: what was not asked for gives no row, what failed does."""
    return target.other is None or results.series(target.other) is not None or results.failure(target.other) is not None


def _bare(figure: Figure, results: Results) -> Row:
    return Row(figure.work, figure.title, _text(figure.name, figure.unit, results))


def _row(figure: Figure, target: Target, figures: list[Figure], results: Results) -> Row:
    own = results.series(figure.name)
    assert own is not None
    bare = _bare(figure, results)
    if target.other is None:
        least, aim = (f"≤ {figure.unit.text(number)}" for number in (target.least, target.aim))
        return Row(bare.work, bare.title, bare.figure, "", None, least, aim, _met(target, own.median))
    other = results.series(target.other)
    title = next((each.title for each in figures if each.name == target.other), target.other)
    sign = "≤" if target.sense is Sense.TIMES else "≥"
    suffix = " faster" if target.sense is Sense.FASTER else ""
    least, aim = (f"{sign} {number:g}×{suffix}" for number in (target.least, target.aim))
    if other is None:
        return Row(bare.work, bare.title, bare.figure, f"{title}: none", None, least, aim, "not known")
    ratio = other.median / own.median if target.sense is Sense.FASTER else own.median / other.median
    text = f"{title}: {figure.unit.text(other.median)}"
    return Row(bare.work, bare.title, bare.figure, text, ratio, least, aim, _met(target, ratio))


def _met(target: Target, number: float) -> str:
    at_most = target.sense in (Sense.TIMES, Sense.LIMIT)

    def reaches(bound: float) -> bool:
        return number <= bound if at_most else number >= bound

    return "aim" if reaches(target.aim) else "yes" if reaches(target.least) else "no"


def _text(name: str, unit: Unit, results: Results) -> str:
    series = results.series(name)
    assert series is not None
    if len(series.values) == 1:
        return unit.text(series.median)
    return f"{unit.text(series.median)} ({unit.text(min(series.values))}–{unit.text(max(series.values))})"


def _line(text: str) -> str:
    """The last line, in which programs say what was wrong, not too long for a cell."""
    lines = [line for line in text.splitlines() if line.strip()] or ["unknown"]
    return lines[-1] if len(lines[-1]) <= 200 else lines[-1][:197] + "…"
