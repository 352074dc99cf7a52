"""The character's own words and the people around it, as they stand in a prompt."""

from bot.macros import Expander, Meanings
from bot.prompt import wording
from bot.prompt.budget import Piece
from bot.prompt.reading import Line, Persona, Reading, Sketch


def meanings(reading: Reading, lines: list[Line]) -> Meanings:
    """What macros stand for in this prompt; `lines` are those that say something."""
    character = reading.character
    return Meanings(
        char=character.called,
        user=reading.persona.name,
        group=(character.called, *(other.name for other in reading.cast)) if reading.cast else (),
        description=character.description,
        personality=character.personality,
        scenario=character.scenario,
        persona=reading.persona.told,
        examples=character.mes_example,
        last_message=lines[-1].text if lines else "",
        last_user_message=next((line.text for line in reversed(lines) if line.role == "person"), ""),
        last_char_message=next((line.text for line in reversed(lines) if line.role == "character"), ""),
        now=reading.now,
        idle=reading.idle,
        seed=reading.seed,
        place_seed=reading.place_seed,
    )


def opening(reading: Reading, expander: Expander) -> list[Piece]:
    """What stands before the lore that follows the character, main instruction first; empty pieces among them.

    Macros are expanded in this order: what the main instruction sets, the description can get.
    """
    character, name = reading.character, reading.character.called
    main = replaced(character.system_prompt, _main(reading), expander, "main instruction")
    description = expander.expand(character.description, place="description").strip()
    personality = expander.expand(character.personality, place="personality").strip()
    scenario = expander.expand(character.scenario, place="scenario").strip()
    return [
        Piece("main instruction", main),
        Piece("persona", "" if reading.persona.position == "at_depth" else about(reading.persona)),
        Piece(
            "other people", "\n\n".join(filter(None, (about(o) for o in reading.others if o.position == "in_prompt")))
        ),
        Piece("description", description),
        Piece("personality", personality and wording.PERSONALITY.format(name=name, told=personality)),
        Piece("scenario", scenario and wording.SCENARIO.format(told=scenario)),
        Piece("other characters", _cast(reading.cast)),
    ]


def replaced(written: str, default: str, expander: Expander, place: str) -> str:
    """An instruction of the card, or the default if it has none; `{{original}}` is the default."""
    default = expander.expand(default, place=place)
    return expander.expand(written, place=place, original=default).strip() if written.strip() else default


def about(person: Persona) -> str:
    """Who a person is, in their own words, where no macro means anything; empty if nothing is told."""
    return person.told and wording.ABOUT.format(name=person.name, told=person.told)


def _main(reading: Reading) -> str:
    if reading.settings.mode == "story":
        return wording.MAIN_STORY
    return wording.MAIN_GROUP if reading.others or reading.cast else wording.MAIN


def _cast(cast: tuple[Sketch, ...]) -> str:
    if not cast:
        return ""
    return "\n".join((wording.CAST, *map(_sketched, cast)))


def _sketched(other: Sketch) -> str:
    looks = other.appearance.strip() and wording.LOOKS.format(appearance=other.appearance.strip())
    told = "; ".join(filter(None, (" ".join(other.summary.split()).rstrip(".;"), looks)))
    return f"- {other.name}: {told}" if told else f"- {other.name}"
