"""How dates and times are written in English where a page does not say otherwise: 5 Nov 2026, 14:05."""

DATE_FORMAT = "j M Y"
SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]

# Ours besides Django's, by these names in `|date:"…"` and `date_format(at, "…")`.
DAY = "j M"  # 5 Nov
DAY_AND_TIME = "j M, H:i"
DAY_TIME = "j M H:i"  # within a sentence
LONG_DAY = "j F"  # 5 November
LONG_DATE = "j F Y"
WEEKDAY = "D j M"  # Thu 5 Nov
LONG_WEEKDAY = "l j F"  # Thursday 5 November
LONG_WEEKDAY_DATE = "l, j F Y"
