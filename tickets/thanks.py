"""Whether all that a customer says is thanks: nothing that anybody has to come back for. Needs no database."""

from __future__ import annotations

import re

LONGEST = 60  # signs of an answer that can be nothing but thanks
_THANKS = (
    r"thanks?( you)?|thx|ty|cheers|danke( sehr| schön| dir| ihnen)?|vielen dank|besten dank|merci( beaucoup| bien)?|"
    r"grazie( mille)?|(muchas )?gracias|(muito )?obrigad[oa]|dziękuję|dzięki|dank je( wel)?|dank u( wel)?|bedankt|"
    r"tack( så mycket)?|takk|tak"
)
_SMALL = (
    r"(very|so) much|a lot|many|all|good|great|perfect|super|ok(ay)?|top|alles klar|prima|gut|bien|bene|perfetto|"
    r"perfecto|best regards|regards|kind regards|viele grüße|mfg|lg|grüße"
)
_ALONE = re.compile(
    rf"(?=.*\b({_THANKS})\b)(\b({_THANKS}|{_SMALL})\b|[\s.,!;:\-–—)(🙏👍❤️😊🙂]+)+", re.IGNORECASE
)


def is_plain_thanks(text: str) -> bool:
    """True for "Thank you very much!" or "Danke, super", False as soon as anything else stands there, be it a name.

    Rather too careful than not: what is not surely nothing but thanks is a word that wants to be read.
    """
    words = text.strip()
    return len(words) <= LONGEST and _ALONE.fullmatch(words) is not None
