"""What stands out in what was given: one function for each sign, on facts that were read once for a whole brand.

`facts` reads, `chance` says how likely something is; `shares`, `pairs` and `peers` judge what was read, without a
database; `related` and `merged` ask for what needs one. Every threshold stands beside its reason, all of them in
docs/goodwill-radar.md.
"""
