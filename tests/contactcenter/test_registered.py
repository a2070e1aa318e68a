"""What rooms hand in when the house starts: jobs of the clock that workers know, steps that are taken once."""

from __future__ import annotations

from contactcenter.celery import app
from customers.services import ADDRESS_STEPS, MERGE_STEPS


def test_every_job_of_the_clock_is_a_task_that_workers_know() -> None:
    app.loader.import_default_modules()
    wanted = {job["task"] for job in app.conf.beat_schedule.values()}
    assert wanted - set(app.tasks) == set()


def test_no_room_takes_a_step_of_merging_or_of_an_address_twice() -> None:
    for steps in (MERGE_STEPS, ADDRESS_STEPS):
        assert len(steps) == len(set(map(id, steps)))
