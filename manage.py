#!/usr/bin/env python3
"""Django's commands; those that need a database find one running."""

import os
import sys

WITHOUT_DATABASE = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "services",
    "startapp",
    "startproject",
    "version",
}


def needs_database(arguments: "list[str]") -> bool:
    """Whether the command in `arguments` (without the program's name) reads or writes the database."""
    if "--help" in arguments or "-h" in arguments:
        return False
    command = arguments[0] if arguments else ""
    if command == "check":
        return any(word.startswith("--database") for word in arguments)
    return command not in WITHOUT_DATABASE and not command.startswith("-")


def main() -> None:
    """Start what the command needs, then run it."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            "This needs Python 3.11, 3.12 or 3.13: run `make install`, then .venv/bin/python manage.py …"
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from contactcenter import embedded
    except ImportError as error:
        sys.exit(f"{error.name} is not installed here: run `make install`, then .venv/bin/python manage.py …")
    try:
        if needs_database(sys.argv[1:]):
            embedded.up()
        bool(settings.DEBUG)  # read them now, so that what is wrong with them is said in one sentence
    except (embedded.EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
