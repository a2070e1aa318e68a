"""The clock and the hands: which job the house does how often. The rows say what is due."""

import logging
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
app = Celery("contactcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every job is short and may be missed, doubled or killed: it works on rows that stay due until they are done.
app.conf.beat_schedule = {
    "send queued mail": {"task": "tickets.tasks.send_due", "schedule": 10.0, "options": {"expires": 10}},
    "send what was held": {"task": "tickets.tasks.send_held", "schedule": 2.0, "options": {"expires": 2}},
    "forget old drafts": {
        "task": "tickets.tasks.forget_drafts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "work off mail": {"task": "tickets.tasks.receive_waiting", "schedule": 30.0, "options": {"expires": 30}},
    "tell of late tickets": {
        "task": "tickets.tasks.tell_of_late",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "follow tiers": {"task": "tickets.tasks.follow_tiers", "schedule": 60.0, "options": {"expires": 60}},
    "run rules": {"task": "tickets.tasks.run_rules", "schedule": 5.0, "options": {"expires": 5}},
    "run rules of time": {"task": "tickets.tasks.sweep_rules", "schedule": 60.0, "options": {"expires": 60}},
    "tell of tasks for the shop": {
        "task": "tickets.tasks.tell_of_shop_tasks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "wake snoozed tickets": {"task": "tickets.tasks.wake_due", "schedule": 10.0, "options": {"expires": 10}},
    "make good what ran out": {
        "task": "tickets.tasks.make_good",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "say who is not there": {
        "task": "agents.tasks.lose_silent",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "take back what was left": {
        "task": "tickets.tasks.return_left",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "hand out tickets": {"task": "tickets.tasks.route_waiting", "schedule": 10.0, "options": {"expires": 10}},
    "end goodwill that nobody answered": {
        "task": "goodwill.tasks.lapse_waiting",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "put urgent goodwill to the next": {
        "task": "goodwill.tasks.pass_on_urgent",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "give for incidents": {
        "task": "goodwill.tasks.give_for_incidents",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "give what nobody chose": {
        "task": "goodwill.tasks.give_defaults",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "keep pledges": {"task": "goodwill.tasks.keep_pledges", "schedule": 10.0, "options": {"expires": 10}},
    "look at goodwill at night": {
        "task": "goodwill.tasks.watch_nights",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "look at goodwill given a moment ago": {
        "task": "goodwill.tasks.watch_recent",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "close resolved tickets": {
        "task": "tickets.tasks.close_resolved",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "send questions to experts": {
        "task": "tickets.tasks.send_consults",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "close questions to experts": {
        "task": "tickets.tasks.expire_consults",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "ask how it was": {
        "task": "tickets.tasks.ask_for_feedback",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "hand out due callbacks": {
        "task": "callbacks.tasks.hand_out_due",
        "schedule": 5.0,  # what is due stands on its owner's screen within 15 s, the page's own poll included
        "options": {"expires": 5},
    },
    "offer due callbacks": {"task": "callbacks.tasks.offer_due", "schedule": 5.0, "options": {"expires": 5}},
    "look after callbacks": {
        "task": "callbacks.tasks.look_after",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "call members before they lose something": {
        "task": "callbacks.tasks.save_members",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "ask what became of calls": {
        "task": "callbacks.tasks.ask_diallers",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "send notices": {"task": "customers.tasks.send_notices", "schedule": 10.0, "options": {"expires": 10}},
    "look for duplicates": {
        "task": "customers.tasks.look_for_duplicates",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "show life": {"task": "contactcenter.tasks.show_life", "schedule": 10.0, "options": {"expires": 10}},
    "forget what screens were told": {
        "task": "contactcenter.tasks.forget_events",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "let unconfirmed rewards go": {
        "task": "loyalty.tasks.lapse_redemptions",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "end holds": {"task": "loyalty.tasks.expire_holds", "schedule": 60.0, "options": {"expires": 60}},
    "expire points": {"task": "loyalty.tasks.expire_due", "schedule": 600.0, "options": {"expires": 600}},
    "give birthday points": {
        "task": "loyalty.tasks.wish_birthdays",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "expire points of sleepers": {
        "task": "loyalty.tasks.expire_sleepers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "warn of points that end": {
        "task": "loyalty.tasks.warn_of_expiry",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "mature points": {"task": "loyalty.tasks.mature_due", "schedule": 600.0, "options": {"expires": 600}},
    "write statements": {
        "task": "loyalty.tasks.write_statements",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "prove the ledger": {
        "task": "loyalty.tasks.prove_ledger",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
    "prove the audit of tickets": {
        "task": "tickets.tasks.prove_tickets",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
    "review tiers": {"task": "loyalty.tasks.review_tiers", "schedule": 600.0, "options": {"expires": 600}},
    "forget answers of the API": {
        "task": "agents.tasks.forget_answers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

# One line a job every few seconds would bury everything else that is said.
logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
logging.getLogger("celery.beat").addFilter(lambda line: not str(line.msg).startswith("Scheduler: Sending"))
