"""What the two brands sell: home goods, prices in whole units of the brand's currency."""

from __future__ import annotations

from typing import NamedTuple

from customers.services import Line


class Good(NamedTuple):
    """An article of the catalogue; `price` in whole units of currency, `said` as people call it in a letter."""

    sku: str
    name: str
    category: str
    price: int
    said: str


_FF = [
    Good("stoneware-set", "Stoneware set for four", "Table", 60, "stoneware set"),
    Good("linen-duvet", "Linen duvet cover", "Bedroom", 129, "duvet cover"),
    Good("oak-side-table", "Oak side table", "Furniture", 340, "side table"),
    Good("oak-table", "Oak dining table", "Furniture", 740, "dining table"),
    Good("wool-throw", "Wool throw, fjord blue", "Living", 145, "wool throw"),
    Good("floor-lamp", "Floor lamp with paper shade", "Light", 189, "floor lamp"),
    Good("cast-iron-pot", "Cast-iron pot, 4 l", "Kitchen", 119, "cast-iron pot"),
    Good("linen-curtains", "Linen curtains, a pair", "Living", 158, "curtains"),
    Good("towels", "Towels, set of four", "Bathroom", 64, "towels"),
    Good("candles", "Dinner candles, box of twelve", "Table", 18, "candles"),
    Good("carafe", "Glass carafe", "Table", 38, "carafe"),
    Good("cutlery", "Cutlery for six", "Table", 92, "cutlery"),
    Good("beech-stool", "Beech stool", "Furniture", 90, "stool"),
    Good("napkins", "Linen napkins, four", "Table", 28, "napkins"),
    Good("bread-board", "Ash bread board", "Kitchen", 42, "bread board"),
    Good("mugs", "Stoneware mugs, pair", "Table", 24, "mugs"),
    Good("vase", "Bottle vase, smoke", "Living", 34, "vase"),
    Good("pillow", "Down pillow", "Bedroom", 79, "pillow"),
    Good("rug", "Flat-woven rug, 140 × 200", "Living", 229, "rug"),
    Good("shelf", "Wall shelf, oiled oak", "Furniture", 85, "shelf"),
    Good("kettle", "Enamel kettle", "Kitchen", 56, "kettle"),
    Good("sofa", "Sofa Sund, two seats", "Furniture", 1190, "sofa"),
    Good("tea-towels", "Tea towels, three", "Kitchen", 16, "tea towels"),
    Good("gift-card-50", "Gift card", "Gifts", 50, "gift card"),
    Good("hook", "Brass wall hook", "Hall", 9, "hook"),
]
_AH = [
    Good("aria-lamp", "Aria table lamp", "Light", 75, "Aria lamp"),
    Good("aria-shade", "Aria pendant shade", "Light", 48, "lamp shade"),
    Good("moor-armchair", "Moor armchair", "Furniture", 420, "armchair"),
    Good("moor-footstool", "Moor footstool", "Furniture", 135, "footstool"),
    Good("dale-bed", "Dale bed frame, double", "Furniture", 560, "bed"),
    Good("dale-bedside", "Dale bedside table", "Furniture", 110, "bedside table"),
    Good("percale-set", "Percale bed linen, double", "Bedroom", 95, "bed linen"),
    Good("merino-blanket", "Merino blanket", "Bedroom", 120, "blanket"),
    Good("bath-mat", "Bath mat, ribbed", "Bathroom", 22, "bath mat"),
    Good("bath-sheet", "Bath sheet, two", "Bathroom", 44, "bath sheets"),
    Good("enamel-set", "Enamel roasting set", "Kitchen", 58, "roasting set"),
    Good("knife-block", "Knife block, walnut", "Kitchen", 130, "knife block"),
    Good("salad-bowl", "Acacia salad bowl", "Table", 36, "salad bowl"),
    Good("tumblers", "Recycled tumblers, six", "Table", 30, "tumblers"),
    Good("dinner-plates", "Dinner plates, six", "Table", 66, "dinner plates"),
    Good("mirror", "Round mirror, 60 cm", "Hall", 89, "mirror"),
    Good("coat-rack", "Coat rack, birch", "Hall", 68, "coat rack"),
    Good("basket", "Seagrass basket", "Living", 26, "basket"),
    Good("cushion", "Bouclé cushion", "Living", 32, "cushion"),
    Good("planter", "Terracotta planter", "Garden", 19, "planter"),
    Good("wax-melts", "Wax melts, cedar", "Living", 9, "wax melts"),
]
CATALOGUE = {"FF": {good.sku: good for good in _FF}, "AH": {good.sku: good for good in _AH}}


def line(brand: str, sku: str) -> Line:
    """One piece of an article, as a line of an order."""
    good = CATALOGUE[brand][sku]
    return Line(sku=good.sku, name=good.name, amount_minor=good.price * 100, category=good.category)


def price(brand: str, skus: tuple[str, ...]) -> int:
    """What these articles cost together, in whole units of the brand's currency."""
    return sum(CATALOGUE[brand][sku].price for sku in skus)
