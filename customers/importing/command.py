"""What both commands share: arguments, the brand, the bar, what is said in the end."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from agents.models import Brand
from customers.importing.orders import Orders
from customers.importing.people import People
from customers.importing.reading import Source, WrongFile, open_source
from customers.importing.run import Report, Run, Summary


class ImportCommand(BaseCommand):
    """Reads a CSV file. Ends with 0 when every line was taken or known, 1 when some were refused, 2 for wrong usage."""

    kind: type[People] | type[Orders]
    noun: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV file whose first line names the columns")
        parser.add_argument(
            "--brand", metavar="CODE", help="whose they are; not needed where there is one brand"
        )
        parser.add_argument(
            "--report", type=Path, metavar="PATH", help="where refused lines go; FILE.refused.csv"
        )
        parser.add_argument(
            "--json", action="store_true", help="print what became of the file as one line of JSON"
        )
        parser.add_argument("--dry-run", action="store_true", help="look at every line and write none")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        report_path: Path = options["report"] or path.with_name(f"{path.name}.refused.csv")
        try:
            if report_path.resolve() == path.resolve():
                raise WrongFile("The report would overwrite the file itself.")
            source = open_source(path, known=self.kind.columns, required=self.kind.required)
            with Report(report_path) as report:
                summary = self._run(source, report, brand=_brand(options["brand"]), dry=options["dry_run"])
        except WrongFile as wrong:
            raise CommandError(str(wrong), returncode=2) from wrong
        said = asdict(summary) if options["json"] else {}
        self.stdout.write(json.dumps(said) if said else self._sentence(summary, dry=options["dry_run"]))
        if summary.refused:
            sys.exit(1)

    def _run(self, source: Source, report: Report, *, brand: Brand, dry: bool) -> Summary:
        # No bar where nobody looks: disable=None asks whether it is a terminal.
        with tqdm(total=source.lines, unit=" lines", disable=None, file=sys.stderr) as bar:
            return Run(source, self.kind(brand), report, bar.update, dry).go()

    def _sentence(self, summary: Summary, *, dry: bool) -> str:
        found = (
            f"{'Nothing written. ' if dry else ''}{summary.taken} {self.noun} taken, {summary.known} known already, "
            f"{summary.refused} refused; {summary.lines} lines in {summary.seconds} s."
        )
        return f"{found} Refused lines: {summary.report}" if summary.report else found


def _brand(code: str | None) -> Brand:
    brands = list(Brand.objects.filter(code=code.upper()) if code else Brand.objects.all()[:2])
    if len(brands) == 1:
        return brands[0]
    if code:
        raise WrongFile(f"There is no brand with the code {code}.")
    raise WrongFile("There are several brands, or none: name one with --brand CODE.")
