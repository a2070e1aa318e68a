from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Consent, ContactPoint, Customer
from customers.services import add_contact_point, correct_contact_point, owners_of, remove_contact_point
from loyalty.models import Account
from tests import make
from tests.loyalty.test_rules import set_rule

HEADER = "name,mail,phone,country,member,joined,opening_points,consent_calls,language\n"


@pytest.fixture
def file(tmp_path: Path, brand: Brand, programme: object) -> Path:
    return tmp_path / "people.csv"


def take_in(file: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    """The summary of a run, with its exit code."""
    code = 0
    try:
        call_command("import_customers", str(file), brand="FF", json=True, **options)
    except SystemExit as end:
        code = int(str(end.code))
    return json.loads(capsys.readouterr().out) | {"code": code}


def reasons(file: Path) -> dict[int, str]:
    with file.with_name(f"{file.name}.refused.csv").open(newline="") as report:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(report)}


def figures(summary: dict[str, Any]) -> tuple[int, int, int, int]:
    return summary["taken"], summary["known"], summary["refused"], summary["code"]


def test_a_customer_comes_with_addresses_consents_membership_and_points(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        HEADER + "Maria Rossi,Maria@Mail.example|m2@mail.example,030 1234567,DE,yes,2024-03-01,250,no,de\n"
    )
    assert figures(take_in(file, capsys)) == (1, 0, 0, 0)
    maria = Customer.objects.get(name="Maria Rossi")
    values = set(maria.contact_points.values_list("kind", "value"))
    assert values == {("mail", "maria@mail.example"), ("mail", "m2@mail.example"), ("phone", "+49301234567")}
    assert dict(maria.consents.values_list("purpose", "given")) == {"programme": True, "calls": False}
    account = Account.objects.get(customer=maria)
    assert (account.balance, account.tier.code, account.number) == (250, "bronze", f"FF-{maria.pk:07d}")
    entry = account.entries.get()
    assert (entry.contra, entry.qualifying, account.joined_at) == (
        "issue.opening",
        0,
        make.instant("2024-03-01T00:00+01:00"),
    )
    assert (maria.brand, maria.language, maria.created_at) == (brand, "de", account.joined_at)


def test_a_second_run_changes_nothing_and_says_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"Person {n},p{n}@mail.example,,DE,yes,,10,,\n" for n in range(30))
    file.write_text(HEADER + rows)
    assert figures(take_in(file, capsys)) == (30, 0, 0, 0)
    before = list(Customer.objects.values()), list(Account.objects.order_by("id").values())
    assert figures(take_in(file, capsys)) == (0, 30, 0, 0)
    assert (list(Customer.objects.values()), list(Account.objects.order_by("id").values())) == before


def test_nothing_of_a_customer_who_is_known_is_changed(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    known = make.make_customer(brand=brand, mail="maria@mail.example", name="Maria, by hand")
    file.write_text(HEADER + "Other Name,MARIA@mail.example,,DE,yes,,50,yes,\n")
    assert figures(take_in(file, capsys)) == (0, 1, 0, 0)
    known.refresh_from_db()
    assert (known.name, known.contact_points.count(), Account.objects.count()) == ("Maria, by hand", 1, 0)
    assert not Consent.objects.exists()


def test_a_customer_of_another_brand_with_the_same_address_is_another_customer(
    file: Path, other_brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = make.make_customer(brand=other_brand, mail="maria@mail.example", name="Theirs")
    file.write_text(HEADER + "Ours,maria@mail.example,,,,,,,\n")
    assert figures(take_in(file, capsys)) == (1, 0, 0, 0)
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert ContactPoint.objects.filter(value="maria@mail.example").count() == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A,nonsense,,,,,,,", "“nonsense” is not an e-mail address."),
        ("A,,12,DE,,,,,", "is not a phone number"),
        ("A,,,,,,,,", "It names no mail, phone or handle"),
        ("A,a@x.example,,Germany,,,,,", "“GERMANY” is no country"),
        ("A,a@x.example,,,maybe,,,,", "member is “maybe”; write yes or no."),
        ("A,a@x.example,,,,01.05.2026,,,", "joined is “01.05.2026”; write 2026-05-01"),
        ("A,a@x.example,,,,2999-01-01,,,", "still to come"),
        ("A,a@x.example,,,no,,5,,", "opening_points are for members"),
        ("A,a@x.example,,,yes,,-5,,", "write a whole number"),
        ("A,a@x.example,,,,,,perhaps,", "consent_calls is “perhaps”"),
        (f"{'A' * 121},a@x.example,,,,,,,", "name has 121 characters; 120 fit."),
        ("A,a@x.example,,,,,,,klingon-language", "is no language we know"),
        ("A,a@x.example,,,,,,,qq", "“qq” is no language we know"),
        ("A,a@x.example,,UK,,,,,", "“UK” is no country"),
        ("A,a@x.example,,ZZ,,,,,", "“ZZ” is no country"),
        ("A,a@x.example", "It has 2 fields where the first line names 9."),
        (",".join(["x"] * 5000), "It has 5000 fields"),
        ("A,a\0@x.example,,,,,,,", "NUL byte"),
        ('A,"a"b@x.example,,,,,,,', "quotation marks"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_with_its_reason(
    file: Path, line: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(f"{HEADER}Good,good@mail.example,,,,,,,\n{line}\nLast,last@mail.example,,,,,,,\n")
    assert figures(take_in(file, capsys)) == (2, 0, 1, 1)
    said = reasons(file)
    assert list(said) == [3]
    assert reason in said[3]


def test_an_address_that_stands_twice_is_refused_with_the_line_of_the_first(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADER + "A,a@mail.example,,,,,,,\nB,b@mail.example,,,,,,,\nC,A@mail.example,,,,,,,\n")
    for expected in ((2, 0, 1, 1), (0, 2, 1, 1)):
        assert figures(take_in(file, capsys)) == expected
        assert reasons(file) == {4: "a@mail.example is on line 2 already."}


def test_addresses_of_two_customers_we_know_are_refused(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        make.make_customer(brand=brand, mail=f"{name}@mail.example")
    file.write_text(HEADER + "Both,a@mail.example|b@mail.example,,,,,,,\n")
    assert figures(take_in(file, capsys)) == (0, 0, 1, 1)
    assert reasons(file) == {2: "Its addresses belong to different customers we know."}


def test_a_dry_run_says_the_same_and_writes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(HEADER + "A,a@mail.example,,,yes,,5,,\nB,nonsense,,,,,,,\n")
    assert figures(take_in(file, capsys, dry_run=True)) == (1, 0, 1, 1)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_any_program_are_read(
    file: Path, encoding: str, delimiter: str, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["name", "mail", "city"], ['"Ana ""Zoë"" Ünal"', "ana@mail.example", '"Am\nMain"'], ["", "", ""]]
    file.write_bytes(end.join(delimiter.join(row) for row in rows).encode(encoding))
    assert figures(take_in(file, capsys)) == (1, 0, 0, 0)
    ana = Customer.objects.get()
    assert (ana.name, ana.city) == ('Ana "Zoë" Ünal', "Am Main")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name,mail,shoe_size\nA,a@x.example,9\n", "There is no column “shoe_size”"),
        (b"mail\na@x.example\n", "The column “name” is missing."),
        (b"name,mail,mail\n", "named twice"),
        ("name,mail\n".encode("utf-16"), "UTF-16"),
        (b"name,mail\n\x81\x8d,a@x.example\n", "neither UTF-8 nor"),
        (b"\x89PNG\r\n\x1a\n\0\0", "There is no column"),
    ],
)
def test_a_file_that_is_none_ends_with_2_and_a_sentence(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_customers", str(file), brand="FF")
    assert error.value.returncode == 2
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"brand": "NO"}, "no brand with the code NO"),
        ({"brand": None}, "There are several brands"),
        ({"report": Path("/nowhere/at/all.csv")}, "cannot be written"),
    ],
)
def test_wrong_usage_ends_with_2(
    file: Path, other_brand: Brand, options: dict[str, Any], sentence: str
) -> None:
    file.write_text(HEADER + "A,nonsense,,,,,,,\n")
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_customers", str(file), **({"brand": "FF"} | options))
    assert error.value.returncode == 2


def test_a_file_that_is_not_there_and_a_report_over_the_file_end_with_2(file: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_customers", str(file), brand="FF")
    file.write_text(HEADER)
    with pytest.raises(CommandError, match="overwrite"):
        call_command("import_customers", str(file), brand="FF", report=file)
    assert file.read_text() == HEADER


def test_a_report_of_an_earlier_run_does_not_stay(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(HEADER + "A,nonsense,,,,,,,\n")
    take_in(file, capsys)
    file.write_text(HEADER + "A,a@mail.example,,,,,,,\n")
    assert take_in(file, capsys)["report"] == ""
    assert not file.with_name("people.csv.refused.csv").exists()


def test_an_unclosed_quotation_mark_refuses_what_it_swallows(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADER + 'A,a@mail.example,,,,,,,\n"B,b@mail.example,,,,,,,\nC,c@mail.example,,,,,,,\n')
    assert figures(take_in(file, capsys)) == (1, 0, 1, 1)
    assert reasons(file) == {3: "A quotation mark is opened and never closed."}


def test_members_of_a_brand_without_a_programme_are_refused(
    tmp_path: Path, other_brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,mail,member\nA,a@mail.example,yes\nB,b@mail.example,no\n")
    with pytest.raises(SystemExit):
        call_command("import_customers", str(file), brand=other_brand.code)
    assert reasons(file) == {2: "The brand has no loyalty programme to be a member of."}
    assert Customer.objects.get().name == "B"


def test_more_than_a_batch_is_taken_in_whole(
    file: Path, brand: Brand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("customers.importing.run.BATCH", 25)
    file.write_text(HEADER + "".join(f"P,p{n}@mail.example,,,yes,,,,\n" for n in range(110)))
    start = clock.now()
    assert figures(take_in(file, capsys)) == (110, 0, 0, 0)
    assert Account.objects.filter(brand=brand, joined_at__gte=start).count() == 110


def test_a_customer_whose_address_was_corrected_since_is_known(
    file: Path, brand: Brand, supervisor: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADER + "Maria,maria@mail.exmaple,,,yes,,250,,\n")
    assert figures(take_in(file, capsys)) == (1, 0, 0, 0)
    correct_contact_point(ContactPoint.objects.get(), "maria@mail.example", by=supervisor)
    assert figures(take_in(file, capsys)) == (0, 1, 0, 0)
    assert (Customer.objects.count(), Account.objects.get().balance) == (1, 250)


def test_an_address_is_of_who_has_it_now_else_of_the_last_who_had_it(brand: Brand, supervisor: Agent) -> None:
    address = ("mail", "office@mail.example")
    first, second, third = (make.make_customer(brand=brand) for _ in range(3))
    for who in (first, second):
        remove_contact_point(add_contact_point(who, *address), by=supervisor)
    assert owners_of(brand, [address]) == {address: second.pk}
    add_contact_point(third, *address)
    assert owners_of(brand, [address]) == {address: third.pk}


def test_who_shares_an_address_with_a_customer_and_has_one_of_their_own_is_refused_by_name(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    make.make_customer(brand=brand, phone="+49301234567")
    file.write_text(HEADER + "Paolo,paolo@mail.example,+49301234567,,,,,,\n")
    assert figures(take_in(file, capsys)) == (0, 0, 1, 1)
    assert reasons(file)[2].startswith(
        "+49301234567 belongs to a customer we know; paolo@mail.example is new."
    )


@pytest.mark.parametrize("content", ["", "dear,diary\n", "line,reason,text,more\n"])
def test_a_file_that_is_no_report_is_not_replaced(file: Path, content: str) -> None:
    file.write_text(HEADER)
    diary = file.with_name("diary.csv")
    diary.write_text(content)
    with pytest.raises(CommandError, match="is no report of an import") as error:
        call_command("import_customers", str(file), brand="FF", report=diary)
    assert (error.value.returncode, diary.read_text()) == (2, content)


def test_the_log_of_a_line_that_cannot_be_stored_holds_nothing_of_it(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer ADD CONSTRAINT nobody_here CHECK (name <> 'Secret')")
    file.write_text(HEADER + "Secret,secret@mail.example,,,,,,,\n")
    assert figures(take_in(file, capsys)) == (0, 0, 1, 1)
    assert "Line 2 could not be stored: IntegrityError nobody_here" in caplog.text
    assert "ecret" not in caplog.text


MORE = "name,mail,member,joined,birthday,referred_by,consent_statement\n"


def test_birthday_referrer_and_statement_come_along_and_who_joins_is_welcomed_once(
    file: Path, brand: Brand, capsys: pytest.CaptureFixture[str]
) -> None:
    referrer = make.make_member(brand=brand).account
    rule_day = clock.now() - timedelta(days=10)
    set_rule(referrer.programme, at=rule_day, code="welcome", event="signup", bonus=100)
    file.write_text(
        MORE
        + f"Lena,lena@mail.example,yes,,02-29,{referrer.referral_code.lower()},yes\n"
        + "Old,old@mail.example,yes,2020-01-01,,,\n"
        + "Bad,bad@mail.example,yes,,02-30,,\n"
        + "Who,who@mail.example,yes,,,FF-9999999,\n"
        + "No,no@mail.example,no,,,FF-0000001,\n"
    )
    assert figures(take_in(file, capsys)) == (2, 0, 3, 1)
    assert list(reasons(file)) == [4, 5, 6]
    lena = Account.objects.select_related("customer").get(customer__name="Lena")
    assert (lena.balance, lena.customer.birthday, lena.brought_by.referrer) == (100, "02-29", referrer)
    assert lena.customer.consents.get(purpose="statement").given
    assert lena.entries.get().key == f"signup:{lena.pk}"
    assert Account.objects.get(customer__name="Old").balance == 0  # joined before there was a rule
    assert figures(take_in(file, capsys)) == (0, 2, 3, 1)
    assert Account.objects.get(pk=lena.pk).balance == 100
