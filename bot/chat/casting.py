"""The cast of a scene: inviting characters, sending them away, and who is there."""

from dataclasses import dataclass
from uuid import UUID

import storage.characters
import storage.chats
import storage.events
import storage.guests
import storage.messages
import storage.shown
from bot.bans import require_player
from bot.caller import Caller
from bot.characters.finding import find_visible
from bot.characters.playing import Played, load_played
from bot.characters.visibility import require_playable, require_startable
from bot.chat.cast import Actor, Cast
from bot.chat.chats import Saying
from bot.chat.choices import Chosen, ModelChoice, chosen_of
from bot.chat.greetings import add_greetings
from bot.chat.path_state import joined, left
from bot.chat.posting import Poster, Standing
from bot.chat.scenes import Ground, Scenes
from bot.chat.stage import Place
from bot.chat.standing import require_governing, require_open, require_settled, row_of
from bot.chat.turns import Turns
from bot.errors import Invalid, NotFound
from bot.usage import Usage
from storage.characters import Character
from storage.chats import Chat
from storage.database import Database, Session
from storage.events import Event
from storage.ids import new_id
from storage.messages import Message, Speaker
from storage.shown import Shown

MOST_IN_A_SCENE = 8
FULL = f"{MOST_IN_A_SCENE} characters fit into a scene. `/chat dismiss` makes room."
LAST_ONE = "Nobody else would be left. `/chat invite` somebody first, or end the chat with `/chat end`."
NOT_HERE = "That character is not in this scene. Choose one from the list."
NARRATOR = Speaker("Narrator")


@dataclass(frozen=True, slots=True)
class SceneCast:
    """Who is in the scene of a place, in which order they speak, and who decided that."""

    actors: tuple[Actor, ...]
    turns: Chosen


class Casting:
    """Who comes into a scene, and who leaves it; both are part of the story, so a branch has its own cast."""

    def __init__(
        self,
        *,
        database: Database,
        scenes: Scenes,
        turns: Turns,
        poster: Poster,
        usage: Usage,
        model: ModelChoice,
    ) -> None:
        self._database = database
        self._scenes = scenes
        self._turns = turns
        self._poster = poster
        self._usage = usage
        self._model = model

    async def look(self, place: Place) -> SceneCast:
        """Who is there; NotFound where no chat is played."""
        async with self._database.transaction() as session:
            chat = await require_open(session, place.id)
            actors = await self._actors(session, chat)
        turns = chosen_of(chat, self._model)["turns"]
        return SceneCast(tuple(actors), turns)

    async def find_guest(self, caller: Caller, place: Place, wanted: str) -> str:
        """The name of a character that may be invited here; else it says why not."""
        async with self._database.transaction() as session:
            _, guest = await self._require_guest(session, caller, place, wanted)
        return guest.called

    async def invite(self, caller: Caller, saying: Saying, wanted: str, *, knows_before: bool = True) -> UUID:
        """Brings a character into the scene, as a line of the story, and has it greet if its card says how.

        `saying` is that line. Without `knows_before` it has heard nothing of what was said until now.
        Returns the line's message.
        """
        async with self._turns.take(saying.place.id):
            async with self._database.transaction() as session:
                chat, guest = await self._require_guest(session, caller, saying.place, wanted)
                await self._usage.admit(user_id=caller.user_id, chat_id=chat.id, guild_id=chat.guild_id)
                depth = _depth_below(chat)
                come = joined(guest.character.id, depth=depth, knows_before=knows_before)
                line = await _add_line(session, chat, saying, come)
                await storage.guests.add_guest(session, tree_id=chat.tree_id, character_id=guest.character.id)
                greeting = await add_greetings(
                    session, chat, guest, caller, guest.card.group_only_greetings, after=line
                )
                row = await row_of(session, chat, greeting) if greeting else None
            if greeting is not None:
                await self._poster.show(chat, Standing(greeting, row))
        return line.id

    async def find_present(self, caller: Caller, place: Place, wanted: str) -> Actor:
        """A character of the scene by id or name, if the caller may send it away; the last one may not go."""
        async with self._database.transaction() as session:
            await require_player(session, caller)
            chat = await require_settled(session, place.id)
            require_governing(caller, chat, "send somebody away")
            actors = await self._actors(session, chat)
        if len(actors) < 2:
            raise Invalid(LAST_ONE)
        return chosen_from(actors, wanted)

    async def dismiss(self, caller: Caller, saying: Saying, wanted: str) -> UUID:
        """Sends a character away, as a line of the story, which is the last that it hears."""
        async with self._turns.take(saying.place.id):
            gone = await self.find_present(caller, saying.place, wanted)
            async with self._database.transaction() as session:
                await require_player(session, caller)
                chat = await require_settled(session, saying.place.id)
                line = await _add_line(session, chat, saying, left(gone.id, depth=_depth_below(chat)))
        return line.id

    async def _require_guest(self, session: Session, caller: Caller, place: Place, wanted: str) -> tuple[Chat, Played]:
        await require_player(session, caller)
        chat = await require_settled(session, place.id)
        require_governing(caller, chat, "invite somebody")
        character = await _startable(session, caller, wanted)
        require_playable(character, adults=self._scenes.shows_adults(place))
        present = (await self._cast(session, chat)).present
        if character.id in present:
            raise Invalid(f"{character.name} is in this scene already.")
        if len(present) >= MOST_IN_A_SCENE:
            raise Invalid(FULL)
        guest = await load_played(session, character.id, guild_id=chat.guild_id)
        if guest is None:
            raise NotFound("The words of this character were removed, so it cannot come.")
        return chat, guest

    async def _cast(self, session: Session, chat: Chat) -> Cast:
        ground = await self._ground(session, chat)
        return ground.state.cast if ground else Cast.of(chat.character_id)

    async def _ground(self, session: Session, chat: Chat) -> Ground | None:
        return await self._scenes.look(session, chat, chat.leaf_id) if chat.leaf_id else None

    async def _actors(self, session: Session, chat: Chat) -> list[Actor]:
        ground = await self._ground(session, chat)
        if ground is not None and len(ground.actors) > 1:
            return list(ground.actors)
        present = ground.state.cast.present if ground else Cast.of(chat.character_id).present
        found = [await storage.characters.find_character(session, each) for each in present]
        return [Actor(each.id, each.nickname or each.name) for each in found if each is not None]


def chosen_from(actors: list[Actor] | tuple[Actor, ...], wanted: str) -> Actor:
    """The character of a scene with this id or name; NotFound where nobody has it."""
    name = wanted.strip().casefold()
    found = next((actor for actor in actors if name in (str(actor.id), actor.name.casefold())), None)
    if found is None:
        raise NotFound(NOT_HERE)
    return found


async def _startable(session: Session, caller: Caller, wanted: str) -> Character:
    character = await find_visible(session, caller, wanted)
    # Locked, for its author may be deleting it at this moment.
    locked = await storage.characters.find_character(session, character.id, guild_id=caller.guild_id, lock=True)
    if locked is None:
        raise NotFound(NOT_HERE)
    require_startable(caller, locked)
    return locked


def _depth_below(chat: Chat) -> int:
    leaf = chat.leaf
    return leaf.depth + 1 if leaf else 0


async def _add_line(session: Session, chat: Chat, saying: Saying, event: Event) -> Message:
    """Adds what is told of a coming or going where the scene stands; the scene then stands there."""
    message = await storage.messages.add_message(
        session,
        message_id=new_id(),
        tree_id=chat.tree_id,
        chat_id=chat.id,
        parent=chat.leaf,
        role="narration",
        speaker=NARRATOR,
        text=saying.text,
        status="complete",
        idempotency_key=f"discord:{saying.event}",
    )
    if message is None:
        raise Invalid("This is in the story already.")
    await storage.events.add_events(session, tree_id=chat.tree_id, message_id=message.id, events=[event])
    await storage.chats.move_leaf(session, chat_id=chat.id, leaf_id=message.id)
    if saying.discord_message_id is not None:
        shown = Shown(saying.discord_message_id, message.id, 0, saying.place.id, None)
        await storage.shown.show(session, chat.id, shown)
    return message
