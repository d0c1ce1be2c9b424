"""The registry of fields: all that is known of a customer's or an order's field, stated once.

A class declares its fields as usual and describes each with a `FieldSpec` in `Annotated`. Codecs, columns,
the rule catalogue, import targets, template variables and API models are derived from `specs_of(class)`. So a
new field of a known kind is one entry in `Profile`; the audience's stored blocks, which lack its column, are
rebuilt when they are read.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

from crm.customers.values import (
    Count,
    Currency,
    Day,
    Email,
    Flag,
    Identifier,
    Instant,
    OrderStatus,
    Phone,
    ShortText,
    Tags,
)

Kind = Literal["text", "number", "money", "day", "instant", "flag", "choice", "tags"]
"""`number` is a whole number, `day` a date without a time, `choice` a text of a fixed set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field as other modules need to know it."""

    kind: Kind
    label: str
    """The label in running text: "last active"."""
    title: str = ""
    """The label as a heading, where that is not the capitalised label."""
    counted: str = ""
    """What a number counts, in the singular: "visit"."""
    synonyms: str = ""
    """Headers of imported columns that mean this field, space-separated: lower-case letters and digits."""
    choices: tuple[str, ...] = ()
    """The only values, where they are fixed."""
    few_values: bool = False
    """Whether many rows share one text: columns store codes, and the rule builder offers the values."""
    in_rules: bool = True
    in_templates: bool = True
    in_lists: bool = True
    """Whether lists of customers show it."""
    example: Any = None
    """A value in JSON, for the documentation and for checking templates."""

    @property
    def heading(self) -> str:
        """The name as it stands alone."""
        return self.title or self.label.capitalize()


# Without slots: pydantic takes the defaults of `CustomerRecord` and `OrderRecord` from the class attributes.
@dataclass(frozen=True, kw_only=True)
class Profile:
    """What sources say of a customer, field by field; None where nothing is known."""

    customer_id: Annotated[
        Identifier,
        FieldSpec(
            kind="text",
            label="customer id",
            synonyms="customer custid clientid client userid user contactid memberid kundennummer",
            example="C-1001",
        ),
    ]
    email: Annotated[
        Email | None,
        FieldSpec(
            kind="text",
            label="e-mail",
            synonyms="email mail emailaddress mailaddress emailadresse",
            example="mira@example.com",
        ),
    ] = None
    phone: Annotated[
        Phone | None,
        FieldSpec(
            kind="text",
            label="phone",
            synonyms="phone phonenumber mobile mobilephone mobilenumber telephone tel cell telefon handy",
            example="+44 20 7946 0018",
        ),
    ] = None
    name: Annotated[
        ShortText | None,
        FieldSpec(
            kind="text",
            label="name",
            synonyms="name fullname customername contactname displayname",
            example="Mira Shah",
        ),
    ] = None
    city: Annotated[
        ShortText | None,
        FieldSpec(
            kind="text",
            label="city",
            synonyms="city town locality ort stadt ville",
            few_values=True,
            example="Leeds",
        ),
    ] = None
    country: Annotated[
        ShortText | None,
        FieldSpec(
            kind="text",
            label="country",
            synonyms="country land pays countryname countrycode",
            few_values=True,
            example="United Kingdom",
        ),
    ] = None
    birthday: Annotated[
        Day | None,
        FieldSpec(
            kind="day",
            label="birthday",
            synonyms="birthday birthdate dateofbirth dob born geburtsdatum",
            in_lists=False,
            example="1990-05-17",
        ),
    ] = None
    created_at: Annotated[
        Instant | None,
        FieldSpec(
            kind="instant",
            label="customer since",
            synonyms="createdat created signupdate signedup registered registeredat customersince joined",
            example="2025-01-12T09:30:00Z",
        ),
    ] = None
    visits: Annotated[
        Count | None,
        FieldSpec(
            kind="number",
            label="visits",
            counted="visit",
            synonyms="visits visitcount sessions numberofvisits",
            example=7,
        ),
    ] = None
    last_active_at: Annotated[
        Instant | None,
        FieldSpec(
            kind="instant",
            label="last active",
            synonyms="lastactiveat lastactive lastseen lastvisit lastlogin",
            example="2026-02-20T18:05:00Z",
        ),
    ] = None
    tags: Annotated[
        Tags | None,
        FieldSpec(
            kind="tags", label="tags", synonyms="tags tag labels groups", example=["newsletter", "vip"]
        ),
    ] = None
    consent: Annotated[
        Flag | None,
        FieldSpec(
            kind="flag",
            label="consent",
            synonyms="consent optin marketingconsent acceptsmarketing subscribed newsletter",
            in_templates=False,
            example=True,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class OrderFields:
    """What sources say of an order, except the amount and `updated_at`, whose types differ once stored."""

    order_id: Annotated[
        Identifier,
        FieldSpec(
            kind="text",
            label="order id",
            synonyms="order orderno ordernumber invoice invoiceno invoicenumber receipt bestellnummer",
            in_rules=False,
            example="O-90001",
        ),
    ]
    customer_id: Annotated[
        Identifier,
        FieldSpec(
            kind="text",
            label="customer id",
            synonyms="customer custid clientid client userid user contactid memberid kundennummer",
            in_rules=False,
            example="C-1001",
        ),
    ]
    currency: Annotated[
        Currency,
        FieldSpec(
            kind="text",
            label="currency",
            synonyms="currency currencycode waehrung",
            few_values=True,
            in_rules=False,
            example="GBP",
        ),
    ] = "GBP"
    status: Annotated[
        OrderStatus,
        FieldSpec(
            kind="choice",
            label="status",
            synonyms="status orderstatus state",
            choices=get_args(OrderStatus),
            few_values=True,
            example="completed",
        ),
    ] = "completed"
    category: Annotated[
        ShortText | None,
        FieldSpec(
            kind="text",
            label="category",
            synonyms="category productcategory department topitem kategorie",
            few_values=True,
            example="shoes",
        ),
    ] = None
    placed_at: Annotated[
        Instant,
        FieldSpec(
            kind="instant",
            label="placed",
            title="Placed at",
            synonyms="orderdate ordered orderedat date invoicedate purchasedat purchasedate createdat datum",
            example="2026-02-20T18:05:00Z",
        ),
    ]


AMOUNT: Final = FieldSpec(
    kind="money",
    label="amount",
    synonyms="amount total totalprice ordertotal price value revenue sum betrag umsatz",
    example=49.9,
)
UPDATED_AT: Final = FieldSpec(
    kind="instant",
    label="last changed",
    synonyms="updatedat updated modified modifiedat lastmodified lastchanged",
    in_rules=False,
    example="2026-02-21T08:00:00Z",
)


def specs_of(declaring: type) -> dict[str, FieldSpec]:
    """The described fields of a class and its bases, by name, in the order of declaration."""
    hints = get_type_hints(declaring, include_extras=True)
    return {
        name: spec
        for name, hint in hints.items()
        for spec in getattr(hint, "__metadata__", ())
        if isinstance(spec, FieldSpec)
    }


def examples_of(declaring: type) -> dict[str, Any]:
    """An example record of the class, in JSON's types."""
    return {name: spec.example for name, spec in specs_of(declaring).items()}


PROFILE: Final = specs_of(Profile)
