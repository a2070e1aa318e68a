"""The bare statements of a deed by pgbench: the rows, locks and look-ups that any ledger with these tables must make.

A script of prepared statements in one transaction: lock the account, look for the key, write entry, lot or use, and the
account. No model, no rule, no check of what is asked.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from bench.writers import Speed
from contactcenter.embedded.postgres import find_binaries

BEGIN = """
\\set aid random(:low, :high)
\\set nonce random(1, 1000000000000000)
BEGIN;
SELECT balance, held, version, status, next_expiry FROM loyalty_account WHERE id = :aid FOR UPDATE \\gset
SELECT count(*) AS known FROM loyalty_entry WHERE key = concat('pgbench:', :client_id::text, ':', :nonce::text) \\gset
\\set seq :version + 1
\\set after :balance + :points
"""
ENTRY = """
INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key, request_hash,
    "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
VALUES (:aid, :seq, CASE WHEN :points::int > 0 THEN 'earn' ELSE 'redeem' END,
    CASE WHEN :points::int > 0 THEN 'issue.bench' ELSE 'redeem.reward' END, :points, 0, :after,
    concat('pgbench:', :client_id::text, ':', :nonce::text), '', '', statement_timestamp(), statement_timestamp(),
    statement_timestamp(), '', '', '{}') RETURNING id AS entry \\gset
"""
GIVE = """
INSERT INTO loyalty_lot (account_id, entry_id, granted, remaining, is_open, contra, expires_at)
VALUES (:aid, :entry, :points, :points, true, 'issue.bench', statement_timestamp() + interval '700 days');
UPDATE loyalty_account SET balance = :after, version = :seq, lifetime_earned = lifetime_earned + :points,
    next_expiry = least(next_expiry, statement_timestamp() + interval '700 days') WHERE id = :aid;
END;
"""
OPEN = """
SELECT id AS lot FROM loyalty_lot WHERE account_id = :aid AND is_open ORDER BY expires_at NULLS LAST, id LIMIT 1 \\gset
"""
SPEND = """
INSERT INTO loyalty_lotuse (entry_id, lot_id, points) VALUES (:entry, :lot, -:points::int);
UPDATE loyalty_lot SET remaining = remaining + :points, is_open = remaining + :points::int > 0 WHERE id = :lot;
UPDATE loyalty_account SET balance = :after, version = :seq, lifetime_redeemed = lifetime_redeemed - :points
WHERE id = :aid;
END;
"""
GRANTS = f"\\set points 10{BEGIN}{ENTRY}{GIVE}"
REDEMPTIONS = f"\\set points -1{BEGIN}{OPEN}{ENTRY}{SPEND}"


def write(script: str, accounts: Sequence[int], *, connections: int, seconds: float) -> Speed:
    """Run a script by so many connections on random ones of `accounts` (ids without gaps) for so long."""
    assert list(accounts) == list(range(accounts[0], accounts[-1] + 1))  # noqa: S101 - pgbench draws from a range
    told = connection.get_connection_params()
    named = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
    }
    where = {name: str(told[key]) for name, key in named.items() if told.get(key)}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        command = [
            find_binaries() / "pgbench", "-n", "-M", "prepared", "-c", connections, "-j", min(connections, 2),
            "-T", max(1, round(seconds)), "-f", "script.sql", "-D", f"low={accounts[0]}", "-D", f"high={accounts[-1]}",
            "-l",
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603
            [str(word) for word in command], cwd=folder, env=os.environ | where, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-2000:]}")
        times = [
            int(line.split()[2]) / 1000
            for log in Path(folder).glob("pgbench_log.*")
            for line in log.read_text().splitlines()
        ]
    speed = re.search(r"tps = ([\d.]+)", done.stdout)
    return Speed(len(times), float(speed[1]) if speed else 0.0, statistics.median(times))
