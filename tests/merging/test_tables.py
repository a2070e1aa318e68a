"""No table is forgotten: what names a customer follows in a merge, or stands here with the reason why not."""

from __future__ import annotations

from typing import Any

from agents.models import Agent, Brand
from customers.models import Customer
from customers.services import merge
from tests import make
from tests.admin.rows import fill
from tests.contactcenter.rooms import our_models

STAY = {
    "customers.CustomerChange.customer": "the history of each is their own",
    "customers.Consent.customer": "append-only: what was said by whom; a line for the one who stays is written",
    "customers.Customer.merged_into": "who was merged before leads on by a chain, so that it can be undone",
    "customers.Duplicate.one": "the question is answered and goes",
    "customers.Duplicate.other": "the question is answered and goes",
    "customers.Merge.kept": "what was done",
    "customers.Merge.merged": "what was done",
    "customers.NotSame.one": "said of those two",
    "customers.NotSame.other": "said of those two",
    "customers.SentCode.customer": "was sent to them; one that waited is void",
    "customers.Verification.customer": "append-only: who was found to be whom; the lower level goes on in a line anew",
    "goodwill.Finding.customer": "whom it was about when it was found; its tickets lead on",
    "loyalty.Account.customer": "two accounts become one; the other one stays, merged",
}


def naming_customers() -> dict[str, Any]:
    """Every foreign key to a customer, by its label."""
    return {
        f"{model._meta.label}.{field.name}": (model, field.name)
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.related_model is Customer
    }


def test_every_row_that_names_the_merged_one_follows_but_those_that_have_a_reason(
    brand: Brand, supervisor: Agent
) -> None:
    fill(brand, "Quixmark")
    merged = Customer.objects.filter(brand=brand).earliest("pk")
    rows = {
        label: set(model._base_manager.filter(**{name: merged}).values_list("pk", flat=True))
        for label, (model, name) in naming_customers().items()
    }
    follow = {label for label in rows if label not in STAY}
    assert {label for label in follow if not rows[label]} == set(), (
        "the world has no row of it: it proves nothing"
    )
    kept = make.make_member(brand=brand, points=10)
    merge(kept, merged, by=supervisor, reason="twice", key="m")
    for label in follow:
        model, name = naming_customers()[label]
        assert not model._base_manager.filter(**{name: merged}).exists(), label
        assert rows[label] <= set(model._base_manager.filter(**{name: kept}).values_list("pk", flat=True)), (
            label
        )


def test_the_reasons_are_of_tables_that_there_are() -> None:
    assert set(STAY) - set(naming_customers()) == set()
