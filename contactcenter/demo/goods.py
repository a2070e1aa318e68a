"""What the two brands sell: home goods, prices in whole units of the brand's currency."""

from __future__ import annotations

from typing import NamedTuple

from customers.services import Line


class Good(NamedTuple):
    """An article of the catalogue; `price` in whole units of currency."""

    sku: str
    name: str
    category: str
    price: int


_FF = [
    Good("stoneware-set", "Stoneware set for four", "Table", 60),
    Good("linen-duvet", "Linen duvet cover", "Bedroom", 129),
    Good("oak-side-table", "Oak side table", "Furniture", 340),
    Good("oak-table", "Oak dining table", "Furniture", 740),
    Good("wool-throw", "Wool throw, fjord blue", "Living", 145),
    Good("floor-lamp", "Floor lamp with paper shade", "Light", 189),
    Good("cast-iron-pot", "Cast-iron pot, 4 l", "Kitchen", 119),
    Good("linen-curtains", "Linen curtains, a pair", "Living", 158),
    Good("towels", "Towels, set of four", "Bathroom", 64),
    Good("candles", "Dinner candles, box of twelve", "Table", 18),
    Good("carafe", "Glass carafe", "Table", 38),
    Good("cutlery", "Cutlery for six", "Table", 92),
    Good("beech-stool", "Beech stool", "Furniture", 90),
    Good("napkins", "Linen napkins, four", "Table", 28),
    Good("bread-board", "Ash bread board", "Kitchen", 42),
    Good("mugs", "Stoneware mugs, pair", "Table", 24),
    Good("vase", "Bottle vase, smoke", "Living", 34),
    Good("pillow", "Down pillow", "Bedroom", 79),
    Good("rug", "Flat-woven rug, 140 × 200", "Living", 229),
    Good("shelf", "Wall shelf, oiled oak", "Furniture", 85),
    Good("kettle", "Enamel kettle", "Kitchen", 56),
    Good("sofa", "Sofa Sund, two seats", "Furniture", 1190),
    Good("tea-towels", "Tea towels, three", "Kitchen", 16),
    Good("gift-card-50", "Gift card", "Gifts", 50),
    Good("hook", "Brass wall hook", "Hall", 9),
]
_AH = [
    Good("aria-lamp", "Aria table lamp", "Light", 75),
    Good("aria-shade", "Aria pendant shade", "Light", 48),
    Good("moor-armchair", "Moor armchair", "Furniture", 420),
    Good("moor-footstool", "Moor footstool", "Furniture", 135),
    Good("dale-bed", "Dale bed frame, double", "Furniture", 560),
    Good("dale-bedside", "Dale bedside table", "Furniture", 110),
    Good("percale-set", "Percale bed linen, double", "Bedroom", 95),
    Good("merino-blanket", "Merino blanket", "Bedroom", 120),
    Good("bath-mat", "Bath mat, ribbed", "Bathroom", 22),
    Good("bath-sheet", "Bath sheet, two", "Bathroom", 44),
    Good("enamel-set", "Enamel roasting set", "Kitchen", 58),
    Good("knife-block", "Knife block, walnut", "Kitchen", 130),
    Good("salad-bowl", "Acacia salad bowl", "Table", 36),
    Good("tumblers", "Recycled tumblers, six", "Table", 30),
    Good("dinner-plates", "Dinner plates, six", "Table", 66),
    Good("mirror", "Round mirror, 60 cm", "Hall", 89),
    Good("coat-rack", "Coat rack, birch", "Hall", 68),
    Good("basket", "Seagrass basket", "Living", 26),
    Good("cushion", "Bouclé cushion", "Living", 32),
    Good("planter", "Terracotta planter", "Garden", 19),
    Good("wax-melts", "Wax melts, cedar", "Living", 9),
]
CATALOGUE = {"FF": {good.sku: good for good in _FF}, "AH": {good.sku: good for good in _AH}}


def line(brand: str, sku: str) -> Line:
    """One piece of an article, as a line of an order."""
    good = CATALOGUE[brand][sku]
    return Line(sku=good.sku, name=good.name, amount_minor=good.price * 100, category=good.category)


def price(brand: str, skus: tuple[str, ...]) -> int:
    """What these articles cost together, in whole units of the brand's currency."""
    return sum(CATALOGUE[brand][sku].price for sku in skus)
