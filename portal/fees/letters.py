"""What a reminder says, by its level, in each language that letters are written in. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.fees.money import CURRENCIES, in_words


@dataclass(frozen=True)
class Words:
    """One language. ``levels``: the body of each level, the last one for all above it."""

    title: str
    facts: tuple[str, str, str, str, str]
    levels: tuple[str, ...]
    safe: str
    crossed: str
    foot: str
    months: str
    day: str
    decimal: str


ENGLISH = Words(
    title="Reminder {level}: invoice {number}",
    facts=("Date", "Issued", "Due", "Days overdue", "Still open"),
    levels=(
        "The invoice named above was due on {due} and is still open. It may have escaped notice. Please pay the amount "
        "that is open, and give the invoice's number when you do.",
        "Our first reminder has not been answered: the invoice named above has been open since {due}. Please pay it "
        "within ten days, or tell us when we may expect the payment.",
        "The invoice named above is {days} days overdue. Unless it is paid, or a day for the payment is agreed with us, "
        "the membership comes to be suspended: new consults and engagements would wait.",
        "In spite of our reminders the invoice named above is {days} days overdue. Please call us, so that we can agree "
        "how and when it is paid.",
        "This is our last reminder for the invoice named above, which is {days} days overdue. We shall speak with the "
        "management of your organization about what follows.",
    ),
    safe="Consults that are open are answered, reading goes on, and safety notices arrive, whatever the standing of the "
    "membership.",
    crossed="If the payment is on its way, please disregard this letter.",
    foot="Please give the invoice's number when you pay.",
    months="January February March April May June July August September October November December",
    day="{day} {month} {year}",
    decimal=".",
)
SPANISH = Words(
    title="Recordatorio {level}: factura {number}",
    facts=("Fecha", "Emitida", "Vencimiento", "Días de retraso", "Pendiente"),
    levels=(
        "La factura indicada venció el {due} y sigue pendiente. Es posible que haya pasado inadvertida. Le rogamos que "
        "pague el importe pendiente e indique el número de la factura.",
        "No hemos tenido respuesta a nuestro primer recordatorio: la factura indicada está pendiente desde el {due}. Le "
        "rogamos que la pague en diez días o que nos diga cuándo podemos esperar el pago.",
        "La factura indicada lleva {days} días de retraso. Si no se paga ni se acuerda un día de pago con nosotros, la "
        "afiliación quedará suspendida: las consultas y los proyectos nuevos tendrían que esperar.",
        "A pesar de nuestros recordatorios, la factura indicada lleva {days} días de retraso. Le rogamos que nos llame "
        "para acordar cómo y cuándo se paga.",
        "Este es nuestro último recordatorio de la factura indicada, que lleva {days} días de retraso. Hablaremos con la "
        "dirección de su organización sobre los pasos siguientes.",
    ),
    safe="Las consultas abiertas se responden, la lectura continúa y los avisos de seguridad llegan, sea cual sea el "
    "estado de la afiliación.",
    crossed="Si el pago ya está en camino, no tenga en cuenta esta carta.",
    foot="Indique el número de la factura al pagar.",
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    day="{day} de {month} de {year}",
    decimal=",",
)
FRENCH = Words(
    title="Rappel {level} : facture {number}",
    facts=("Date", "Émise le", "Échéance", "Jours de retard", "Reste dû"),
    levels=(
        "La facture indiquée était due le {due} et reste ouverte. Elle a pu vous échapper. Nous vous prions de régler la "
        "somme due en indiquant le numéro de la facture.",
        "Notre premier rappel est resté sans réponse : la facture indiquée est ouverte depuis le {due}. Nous vous prions "
        "de la régler sous dix jours, ou de nous dire quand nous pouvons attendre le paiement.",
        "La facture indiquée a {days} jours de retard. Sans paiement ni jour convenu avec nous, l'adhésion sera "
        "suspendue : les nouvelles consultations et les nouveaux projets devraient attendre.",
        "Malgré nos rappels, la facture indiquée a {days} jours de retard. Veuillez nous appeler, afin de convenir de "
        "la manière et du jour du paiement.",
        "Ceci est notre dernier rappel pour la facture indiquée, qui a {days} jours de retard. Nous parlerons avec la "
        "direction de votre organisation de la suite.",
    ),
    safe="Les consultations ouvertes reçoivent leur réponse, la lecture continue et les avis de sécurité arrivent, quel "
    "que soit l'état de l'adhésion.",
    crossed="Si le paiement est en route, ne tenez pas compte de cette lettre.",
    foot="Veuillez indiquer le numéro de la facture lors du paiement.",
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    day="{day} {month} {year}",
    decimal=",",
)
LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH}


@dataclass(frozen=True)
class Letter:
    """One reminder, in values."""

    language: str
    level: int
    number: str
    organization: str
    written_on: date
    issued_on: date
    due_on: date
    cents: int
    currency: str


def written(letter: Letter) -> dict[str, object]:
    """What the template of the PDF is given, but for the paper's size."""
    words = LANGUAGES[letter.language]
    days = (letter.written_on - letter.due_on).days
    values = {"level": letter.level, "number": letter.number, "days": days, "due": day(letter.due_on, letter.language)}
    dates = [day(one, letter.language) for one in (letter.written_on, letter.issued_on, letter.due_on)]
    facts = [*dates, str(days), amount(letter.cents, letter.currency, letter.language)]
    body = words.levels[min(letter.level, len(words.levels)) - 1]
    return {
        "title": words.title.format(**values),
        "lang": letter.language,
        "organization": letter.organization,
        "facts": [list(pair) for pair in zip(words.facts, facts, strict=True)],
        "body": [body.format(**values), words.safe, words.crossed],
        "foot": [words.title.format(**values), words.foot],
    }


def day(value: date, language: str) -> str:
    words = LANGUAGES[language]
    return words.day.format(day=value.day, month=words.months.split()[value.month - 1], year=value.year)


def amount(cents: int, currency: str, language: str) -> str:
    """As the language writes it: ``$1,234.50``, ``1.234,50 $``, ``1 234,50 $``."""
    if LANGUAGES[language].decimal == ".":
        return in_words(cents, currency)
    units, rest = divmod(cents, 100)
    grouped = f"{units:,}".replace(",", "." if language == "es" else "\u202f")
    return f"{grouped},{rest:02}\u00a0{CURRENCIES[currency]}"
