"""Made-up characters for measuring: varied as real ones are, and the same again for the same seed.

Names, words, tags and owners follow Zipf's law, roughly: a few stand everywhere, most stand hardly anywhere. That is
what makes a search hard, so a seeded database is searched as a grown one is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, islice
from random import Random

from bot.cards.card import Card

SPREAD = timedelta(days=2 * 365)
MOST_PLAYED = 5_000_000
GIVEN_NAMES = (
    "Mira Anna Juno Theo Cass Rowan Elias Nadia Otto Ivy Luca Sable Wren Iris Felix Greta Hugo Nora Silas Vera Alma "
    "Bram Clara Dorian Edith Finn Gideon Hazel Ingrid Jasper Kira Leander Maeve Nico Ophelia Percy Quinn Rosa Soren "
    "Tilda Ursula Viktor Willa Xenia Yusuf Zelda Captain Doctor Lady Brother Mother Old Professor Sergeant"
)
ROLES = (
    "wizard detective pirate knight witch android baker vampire student hacker dragon spy captain healer librarian "
    "thief ghost ranger alchemist princess bard gardener courier oracle mechanic smuggler astronomer puppeteer "
    "duelist cartographer beekeeper clockmaker ferryman glassblower falconer lamplighter mycologist campanologist"
)
TRAITS = (
    "kind grumpy cheerful lonely clever shy brave tired sarcastic gentle restless curious proud haunted stubborn "
    "charming forgetful loyal wistful cunning solemn reckless patient melancholy impish taciturn garrulous fastidious "
    "quixotic lugubrious"
)
THINGS = (
    "friends secrets stories books cats old maps tea lost things letters stars music gold roses storms keys swords "
    "riddles lanterns clocks bees debts graves moths mirrors feathers spores bells comets marionettes barometers"
)
DEEDS = (
    "collects protects loves sells steals studies repairs hunts paints hides remembers forgets trades chases counts "
    "tames forges catalogues smuggles embroiders"
)
TAGS = (
    "fantasy,romance,adventure,modern,comedy,slice of life,horror,sci-fi,drama,historical,mystery,school,magic,"
    "villain,anime,steampunk,pirates,cyberpunk,western,medieval,space,noir,cosy,found family,enemies to lovers,"
    "assistant,mentor,royalty,monsters,detective,post-apocalyptic,gothic,superhero,mythology,time travel,wholesome,"
    "text adventure,cooking,nautical,clockwork,arctic,beekeeping"
)
CATEGORIES = ("", "adventure", "companion", "drama", "humour", "helper")
LICENCES = ("", "CC BY 4.0", "CC BY-SA 4.0", "CC0")
SYLLABLES = "a ba bel cor da dre el fen gar hal il jo kar lin mo nar or pel qui ra sel tor u val wen xan yl zor"
OPENINGS = (
    "*{name} looks up.* Ah. You found the {role}. Sit; there is time before the {things} are missed.",
    "“You are late,” says {name}. “Never mind. Have you ever seen {things} like these?”",
    "*The door stands open. Behind it {name}, {trait} as ever, sorts the {things}.* Come in, quickly.",
)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A character nobody wrote: what its author would have filled in, and what became of it since."""

    card: Card
    short_description: str
    category: str
    licence: str
    age_rating: str
    owner: int
    """Which of the owners it belongs to, counted from 0: the first ones have many, most have few."""
    play_count: int
    published_at: datetime


class MadeUpCharacters:
    """Draws made-up characters for a number of owners."""

    def __init__(self, seed: int, owners: int) -> None:
        words = Random(0)  # noqa: S311 - the vocabulary is one and the same, whatever is drawn from it
        self._seed, self.owners = seed, owners
        self._given = _Zipf([*GIVEN_NAMES.split(), *(_word(words, 2).title() for _ in range(20_000))], 0.9)
        self._places = _Zipf([_word(words, 3).title() for _ in range(50_000)], 0.8)
        self._roles, self._traits = _Zipf(ROLES.split()), _Zipf(TRAITS.split(), 0.7)
        self._things, self._deeds = _Zipf(THINGS.split(), 0.7), _Zipf(DEEDS.split(), 0.6)
        self._tags = _Zipf([*TAGS.split(","), *(_word(words, 3) for _ in range(5_000))], 1.1)

    def username(self, owner: int) -> str:
        """The username of an owner, the same whatever the seed."""
        random = Random(owner)  # noqa: S311
        return f"{_word(random, 2)}_{_word(random, 2)}{random.randrange(100) if owner % 2 else ''}"

    def draw(self, first: int, count: int, *, now: datetime) -> list[MadeUp]:
        """`count` characters, beginning with the one of number `first`; published within the two years before."""
        random = Random(f"{self._seed}:{first}")  # noqa: S311
        given, roles, traits = (each.draw(random, count) for each in (self._given, self._roles, self._traits))
        places, things, deeds = (each.draw(random, 2 * count) for each in (self._places, self._things, self._deeds))
        tags = iter(self._tags.draw(random, 5 * count))
        drawn = zip(given, roles, traits, _pairs(places), _pairs(things), _pairs(deeds), strict=True)
        return [
            self._one(random, now, _Words(tuple(dict.fromkeys(islice(tags, random.randrange(1, 6)))), *words))
            for words in drawn
        ]

    def _one(self, random: Random, now: datetime, words: "_Words") -> MadeUp:
        (born, place), (thing, other_thing), (deed, other_deed) = words.places, words.things, words.deeds
        name = _name(random, words)
        short = f"A {words.trait} {words.role} from {place} who {deed} {thing}"
        short += f" and {other_deed} {other_thing}." if random.random() < 0.6 else "."
        card = Card(
            name=name,
            description=f"{name} is a {words.role}. {short} They were born in {born} and speak in short sentences.",
            personality=f"{words.trait}, fond of {thing}",
            scenario=f"{{{{user}}}} meets {name} in {place}.",
            first_mes=random.choice(OPENINGS).format(
                name=words.given, role=words.role, trait=words.trait, things=thing
            ),
            tags=words.tags,
        )
        rating = random.random()
        return MadeUp(
            card=card,
            short_description=short,
            category=random.choice(CATEGORIES),
            licence=random.choice(LICENCES),
            age_rating="adult" if rating < 0.03 else "teen" if rating < 0.25 else "everyone",
            # The first of 50,000 owners has about 0.5 % of all, half of them have a sixth of that or less.
            owner=int(self.owners * random.random() ** 2),
            play_count=min(MOST_PLAYED, int(random.paretovariate(0.8)) - 1),
            published_at=now - SPREAD * random.random(),
        )


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that one character is made of."""

    tags: tuple[str, ...]
    given: str
    role: str
    trait: str
    places: tuple[str, str]
    things: tuple[str, str]
    deeds: tuple[str, str]


class _Zipf:
    """Words of which the n-th is drawn in proportion to 1/n to a power."""

    def __init__(self, words: Sequence[str], power: float = 1.0) -> None:
        self._words = words
        self._weights = list(accumulate(1 / (rank + 1) ** power for rank in range(len(words))))

    def draw(self, random: Random, count: int) -> list[str]:
        return random.choices(self._words, cum_weights=self._weights, k=count)


def _name(random: Random, words: _Words) -> str:
    kind, given, place = random.random(), words.given, words.places[0]
    if kind < 0.35:
        return f"{given} {place}"
    if kind < 0.55:
        return given
    if kind < 0.75:
        return f"{given} of {place}"
    return f"{given} the {words.trait.title()}" if kind < 0.9 else f"{given}, {words.role} of {place}"


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    return zip(words[::2], words[1::2], strict=True)


def _word(random: Random, syllables: int) -> str:
    return "".join(random.choices(SYLLABLES.split(), k=random.randrange(2, syllables + 2)))
