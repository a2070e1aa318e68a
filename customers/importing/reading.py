"""A CSV file as people's programs write it: encoding, delimiter, header, and records with their lines. No database."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

DELIMITERS = ",;\t"
LONGEST = 1_000_000  # characters of one field
SHOWN = 60  # characters of a wrong header in a sentence


class WrongFile(Exception):  # noqa: N818  an answer to whoever gave the file
    """A file that cannot be read as what it should be, with a sentence that says what to mend."""


@dataclass(frozen=True)
class Record:
    """One record: the `line` it begins on, the text as it came, its values by column as far as they can be read.

    `problem` says why the record as a whole makes no sense.
    """

    line: int
    raw: str
    values: dict[str, str]
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """A file that can be read: its encoding, delimiter and columns, and how many lines it has."""

    path: Path
    encoding: str
    delimiter: str
    columns: list[str]
    lines: int


def open_source(path: Path, *, known: Sequence[str], required: Sequence[str]) -> Source:
    """Look at a file before anything is done with it. Raises WrongFile when it is not what it should be."""
    encoding, lines = _encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        header = _header(file, known)
    columns, delimiter = header
    if unknown := [name for name in columns if name not in known]:
        raise WrongFile(
            f"There is no column “{unknown[0][:SHOWN]}”. The first line names the columns; "
            f"those there are: {', '.join(known)}."
        )
    if missing := [name for name in required if name not in columns]:
        raise WrongFile(f"The column “{missing[0]}” is missing. The first line names the columns.")
    if len(set(columns)) < len(columns):
        raise WrongFile("A column is named twice in the first line.")
    return Source(path, encoding, delimiter, columns, lines)


def records(source: Source) -> Iterator[Record]:
    """Every record after the header, blank lines left out; one that cannot be read says why."""
    csv.field_size_limit(LONGEST)
    with source.path.open(encoding=source.encoding, newline="") as file:
        taken: list[str] = []
        reader = csv.reader(_noted(file, taken), delimiter=source.delimiter, strict=True)
        next(reader)
        while True:
            taken.clear()
            line = reader.line_num + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(line, "".join(taken), {}, _why(error))
                continue
            if any(field.strip() for field in fields):
                yield _record(source, line, "".join(taken), fields)


def _record(source: Source, line: int, raw: str, fields: list[str]) -> Record:
    count, problem = len(source.columns), ""
    if len(fields) != count:
        problem = f"It has {len(fields)} fields where the first line names {count}."
    elif "\0" in raw:
        problem = "It holds a NUL byte, which is no text."
    values = {name: field.strip() for name, field in zip(source.columns, fields, strict=False)}
    return Record(line, raw, values, problem)


def _noted(file: TextIO, taken: list[str]) -> Iterator[str]:
    for line in file:
        taken.append(line)
        yield line


def _why(error: csv.Error) -> str:
    said = str(error)
    if "field larger" in said:
        return f"A field is longer than {LONGEST} characters: a quotation mark may be missing."
    if "end of data" in said:
        return "A quotation mark is opened and never closed."
    return "Its quotation marks do not fit: one inside a field is written twice."


def _header(file: TextIO, known: Sequence[str]) -> tuple[list[str], str]:
    """The columns of the first line, and the delimiter that finds the most of them."""
    csv.field_size_limit(LONGEST)
    first = file.readline(LONGEST)
    if not first.strip():
        raise WrongFile("The file is empty, or its first line is.")
    readings = []
    for delimiter in DELIMITERS:
        try:
            names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter))]
        except csv.Error as error:
            raise WrongFile("The first line is no list of columns.") from error
        readings.append((sum(name in known for name in names), names, delimiter))
    _found, columns, delimiter = max(readings, key=lambda reading: reading[0])
    while columns and not columns[-1]:
        columns.pop()
    return columns, delimiter


def _encoding_of(path: Path) -> tuple[str, int]:
    """utf-8-sig, or cp1252 where the bytes are no UTF-8; and the number of lines."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, unicode = 0, True
    try:
        with path.open("rb") as file:
            first = True
            while chunk := file.read(1 << 20):
                if first and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise WrongFile("The file is UTF-16; save it as UTF-8.")
                first = False
                lines += chunk.count(b"\n")
                unicode = unicode and _decodes(decoder, chunk)
            unicode = unicode and _decodes(decoder, b"", final=True)
    except OSError as error:
        raise WrongFile(f"{path} cannot be read: {error.strerror}.") from error
    if not unicode:
        _expect_cp1252(path)
    return ("utf-8-sig" if unicode else "cp1252"), lines


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _expect_cp1252(path: Path) -> None:
    """Five bytes mean nothing in cp1252: a file with one of them is in some other encoding."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if any(byte in chunk for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")):
                raise WrongFile("The file is neither UTF-8 nor Windows-1252; save it as UTF-8.")
