"""How dates and times are written in German where a page does not say otherwise: 5. Nov. 2026, 14:05."""

DATE_FORMAT = "j. M Y"
SHORT_DATE_FORMAT = "j. M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j. M Y, H:i"
SHORT_DATETIME_FORMAT = "j. M Y, H:i"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3

# Ours besides Django's, by the names of English.
DAY = "j. M"
DAY_AND_TIME = "j. M, H:i"
DAY_TIME = "j. M, H:i"
LONG_DAY = "j. F"
LONG_DATE = "j. F Y"
WEEKDAY = "D, j. M"
LONG_WEEKDAY = "l, j. F"
LONG_WEEKDAY_DATE = "l, j. F Y"
