"""The rig keeps tests apart."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection


def test_a_unit_test_leaves_nothing_behind(db):
    assert not Group.objects.filter(name="left behind").exists()
    Group.objects.create(name="left behind")


def test_a_unit_test_leaves_nothing_behind_whoever_comes_first(db):
    assert not Group.objects.filter(name="left behind").exists()
    Group.objects.create(name="left behind")


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_with_its_own_database_commits_is_seen_by_other_threads_and_gone_after(own_db, turn):
    assert not Group.objects.filter(name="committed").exists()
    Group.objects.create(name="committed")
    seen = []

    def look():
        seen.append((connection.settings_dict["NAME"], Group.objects.filter(name="committed").exists()))
        connection.close()

    other = threading.Thread(target=look)
    other.start()
    other.join()
    assert seen == [(own_db, True)]


@pytest.mark.race
def test_a_race_gets_a_database_of_its_own_even_through_db(db):
    assert not connection.in_atomic_block
    assert connection.settings_dict["NAME"].startswith("desk_test_")


def test_asking_for_a_database_that_is_emptied_after_each_test_is_refused(request):
    with pytest.raises(pytest.fail.Exception, match="own_db"):
        request.getfixturevalue("transactional_db")
