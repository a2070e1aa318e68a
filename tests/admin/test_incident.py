"""The supervisors' page on goodwill for all whom an incident hit."""

import csv
import io

import pytest
from django.contrib.admin.models import LogEntry

from goodwill.models import IncidentGrant
from goodwill.services import give_out, incidents
from tests import make
from tests.goodwill.hit import an_incident


@pytest.fixture
def grant(brand, agent, late_parcel):
    guest = make.make_customer(brand=brand, name="=1+1")
    members = [make.make_member(brand=brand) for _ in range(2)]
    return incidents.ask(
        an_incident(brand, guest, *members, by=agent), 100, by=agent, reason=late_parcel, key="k"
    )


@pytest.fixture
def signed_in(client, supervisor):
    client.force_login(supervisor)
    return client


def page(grant):
    return f"/admin/goodwill/incidentgrant/{grant.pk}/progress/"


def test_a_supervisor_agrees_and_sees_who_was_given_and_who_was_left_out(signed_in, grant):
    assert ">Agree<" in signed_in.get(page(grant)).text.replace("\n", "").replace("  ", "")
    signed_in.post(page(grant), {"decision": "approve"})
    assert IncidentGrant.objects.get().state == "running"
    give_out()
    shown = signed_in.get(page(grant)).text
    assert "2 given, 0 still to do, 3 hit by now" in shown
    assert "1 left out: no member" in shown
    assert (
        signed_in.post(page(grant), {"decision": "decline"}, follow=True).text.count("not waiting any more")
        == 1
    )


def test_the_report_is_a_file_with_a_line_for_each_customer(signed_in, grant, supervisor):
    incidents.approve(grant, by=supervisor)
    give_out()
    rows = list(
        csv.DictReader(io.StringIO(signed_in.get(f"{page(grant)}?as=csv").content.decode("utf-8-sig")))
    )
    assert [(row["outcome"], row["points"]) for row in rows] == [
        ("no_member", "0"),
        ("given", "100"),
        ("given", "100"),
    ]
    assert rows[0]["customer"] == "'=1+1"
    assert rows[1]["account"]
    assert LogEntry.objects.get().change_message == "exported: 3 rows"


def test_who_asked_does_not_agree_in_the_admin_either(client, brand, agent, supervisor, late_parcel):
    incident = an_incident(brand, make.make_member(brand=brand), by=agent)
    grant = incidents.ask(incident, 100, by=supervisor, reason=late_parcel, key="k")
    client.force_login(supervisor)
    assert (
        "Somebody else has to decide" in client.post(page(grant), {"decision": "approve"}, follow=True).text
    )
    assert IncidentGrant.objects.get().state == "asked"
