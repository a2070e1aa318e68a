"""The admin's steps of our petrol and our greys."""

# Name, lightness, chroma of the petrol.
_STEPS = [
    ("50", 0.982, 0.014), ("100", 0.958, 0.018), ("200", 0.917, 0.04), ("300", 0.83, 0.06), ("400", 0.735, 0.088),
    ("500", 0.6, 0.088), ("600", 0.475, 0.088), ("700", 0.425, 0.085), ("800", 0.345, 0.07), ("900", 0.262, 0.05),
    ("950", 0.183, 0.03),
]  # fmt: skip

UNFOLD = {
    "primary": {step: f"oklch({light} {chroma} 215)" for step, light, chroma in _STEPS},
    "base": {step: f"oklch({light} {0.003 if light > 0.8 else 0.01} 250)" for step, light, _c in _STEPS},
}
