"""The roles of the house: which group may do what. The migration writes them, a test holds the two together."""

AGENT = "agent"
SUPERVISOR = "supervisor"
ADMINISTRATOR = "administrator"
INTEGRATION = "integration"

# From the most to the least: a person in several groups acts with the first of them.
RANKED = (ADMINISTRATOR, SUPERVISOR, AGENT, INTEGRATION)

_DESK = [
    "tickets.work_ticket",
    "customers.serve_customer",
    "goodwill.grant_goodwill",
    "callbacks.promise_callback",
    "loyalty.redeem_points",
    "loyalty.use_voucher",
]
_LOOK = [
    f"{app}.view_{model}"
    for app, models in {
        "agents": [
            "agent",
            "brand",
            "team",
            "skill",
            "token",
            "answer",
            "notification",
            "statereason",
            "presence",
            "stretch",
        ],
        "customers": [
            "customer",
            "contactpoint",
            "consent",
            "notice",
            "customerchange",
            "changewords",
            "order",
            "orderline",
            "orderrefund",
            "orderlinerefund",
            "merge",
            "mergedrow",
            "notsame",
            "duplicate",
            "verificationpolicy",
            "verification",
            "sentcode",
        ],
        "loyalty": [
            "programme",
            "earningrule",
            "ruleversion",
            "campaign",
            "pendinggrant",
            "tier",
            "tierset",
            "criterion",
            "tierchange",
            "tierfloor",
            "benefit",
            "benefituse",
            "givenbenefit",
            "account",
            "accountevent",
            "adjustment",
            "entry",
            "hold",
            "lot",
            "lotuse",
            "reward",
            "redemption",
            "voucher",
            "ledgerproof",
            "referral",
            "statementrun",
            "lotextension",
        ],
        "tickets": [
            "queue",
            "tag",
            "ticket",
            "tickettag",
            "savedview",
            "ticketlink",
            "message",
            "draft",
            "attachment",
            "ticketevent",
            "ticketproof",
            "inboundmail",
            "calendar",
            "hoursversion",
            "slapolicy",
            "clock",
            "clockfact",
            "rule",
            "ruleversion",
            "rulerun",
            "macro",
            "acknowledgementtext",
            "surveyrule",
            "survey",
            "consult",
            "consultword",
            "contactreason",
            "ticketcheck",
            "ticketfield",
            "fieldvalue",
            "shoptask",
            "wrapup",
            "routingpolicy",
            "capacity",
            "routingdecision",
        ],
        "goodwill": [
            "reason",
            "reasonsentence",
            "policy",
            "budget",
            "request",
            "incidentgrant",
            "offer",
            "remedy",
            "pledge",
            "pledgerun",
            "finding",
            "watch",
        ],
        "callbacks": [
            "callback",
            "callbackevent",
            "attempt",
            "callbackpolicy",
            "quiethours",
            "retryrule",
            "followup",
            "contacthours",
            "line",
        ],
    }.items()
    for model in models
]
_FEED = ["customers.add_order"]  # what other systems bring in by the API
_CONFIGURE = [
    f"{app}.{verb}_{model}"
    for app, model in [
        ("agents", "team"),
        ("agents", "skill"),
        ("customers", "verificationpolicy"),
        ("agents", "statereason"),
        ("tickets", "queue"),
        ("tickets", "routingpolicy"),
        ("tickets", "capacity"),
        ("tickets", "calendar"),
        ("tickets", "slapolicy"),
        ("tickets", "tag"),
        ("tickets", "savedview"),
        ("tickets", "rule"),
        ("tickets", "macro"),
        ("tickets", "acknowledgementtext"),
        ("tickets", "surveyrule"),
        ("tickets", "contactreason"),
        ("tickets", "ticketfield"),
        ("goodwill", "reason"),
        ("goodwill", "reasonsentence"),
        ("goodwill", "budget"),
        ("goodwill", "pledge"),
        ("loyalty", "reward"),
        ("callbacks", "callbackpolicy"),
        ("callbacks", "quiethours"),
        ("callbacks", "retryrule"),
        ("callbacks", "followup"),
        ("callbacks", "line"),
    ]
    for verb in ("add", "change")
]
_ADMINISTER = [
    f"{app}.{verb}_{model}"
    for app, model in [
        ("agents", "agent"),
        ("agents", "brand"),
        ("loyalty", "programme"),
        ("loyalty", "earningrule"),
        ("loyalty", "ruleversion"),
        ("loyalty", "campaign"),
        ("loyalty", "tier"),
        ("loyalty", "tierset"),
        ("loyalty", "criterion"),
        ("loyalty", "benefit"),
        ("goodwill", "policy"),
        ("agents", "token"),
    ]
    for verb in ("add", "change")
]
_CORRECT = [
    "loyalty.adjust_points",
    "loyalty.set_tier",
    "loyalty.transfer_points",
    "loyalty.freeze_account",
    "goodwill.approve_goodwill",
    "goodwill.decide_finding",
    "callbacks.direct_callback",
    "loyalty.set_tier",
    "customers.refund_order",
    "customers.merge_customers",
]

_SUPERVISE = [*_DESK, *_LOOK, *_CONFIGURE, *_CORRECT, "agents.export", "agents.change_presence"]

PERMISSIONS: dict[str, list[str]] = {
    AGENT: _DESK,
    SUPERVISOR: _SUPERVISE,
    ADMINISTRATOR: [*_SUPERVISE, *_FEED, *_ADMINISTER, "tickets.do_shoptask"],
    # Goodwill only where a policy names the role: without one it may give 0 points.
    INTEGRATION: [
        *_FEED,
        "tickets.work_ticket",
        "tickets.do_shoptask",
        "customers.serve_customer",
        "customers.refund_order",
        "goodwill.grant_goodwill",
        "callbacks.promise_callback",
        "loyalty.use_voucher",
    ],
}
