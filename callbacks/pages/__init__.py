"""What customers, visitors and other people's calendars open by a signed link."""

from callbacks.pages.ask import ask
from callbacks.pages.call import promise
from callbacks.pages.feed import feed

__all__ = ["ask", "feed", "promise"]
