"""The stage of the matrix of who may do what: six people, and fresh things to act upon."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import sqlalchemy as sa
from pydantic import SecretStr

import storage.bans
import storage.guilds
import storage.listings
import storage.personas
import storage.server_keys
import storage.users
import storage.wishes
from bot.caller import Caller
from bot.cards.lorebook import Lorebook, LoreEntry
from bot.characters.changes import Change
from bot.characters.listings import Listings
from bot.characters.lorebooks import Lorebooks, add_book
from bot.characters.notices import Notices
from bot.characters.reports import Reports
from playground import Answer, Guild, Person
from storage.ids import new_id
from storage.personas import Persona
from storage.vault import MasterKey
from storage.wishes import Wishes
from tests.cogs.acts import Act, Press, Props, Slash, Submit, begin, key_of, words_of
from tests.cogs.workshop import Workshop, caller, open_workshop
from tests.theatre import Theatre, open_theatre

ROLES = ("author", "player", "admin", "foreign", "operator")
"""Who asks, beside the banned one: in the harbour all of them, `foreign` manages another server alone."""
OLD = "Nova is a fallen star. She speaks softly to {{user}} and keeps her past to herself."
NEW = OLD.replace("softly", "in whispers")
KEPT = (
    "characters", "character_versions", "listings", "reviews", "reports", "bans", "guilds", "notices", "lorebooks",
    "lore_entries", "audit_events", "chats", "personas",
)  # fmt: skip
SNAPSHOT = sa.text(
    # Whatever is inserted or updated carries the number of a newer transaction; what is deleted is missing.
    " UNION ALL ".join(f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}" for table in KEPT)
    # Who has never been here gets a row at the first thing they do; that alone changes nothing for anybody.
    + " UNION ALL SELECT 'users', count(*), max(hashtext(id::text || preferences::text || account_status)) FROM users"
    " WHERE preferences::text <> '{}' OR account_status <> 'active'"
)
USUAL = sa.text(
    "WITH bans AS (DELETE FROM bans WHERE user_id = :victim), "
    "users AS (UPDATE users SET preferences = '{}' WHERE preferences <> '{}') "
    "UPDATE guilds SET policy = :policy, settings = '{}', default_assistant_id = NULL, api_key = NULL WHERE id = :here"
)


class Silent:
    """A messenger through which nobody takes messages."""

    async def write_to(self, user_id: int, text: str) -> bool:
        """Reaches nobody."""
        return False


@dataclass(slots=True)
class Stage:
    """The harbour, which is the operator's server too and has given every command to everybody; and an island."""

    theatre: Theatre
    workshop: Workshop
    island: Guild
    people: dict[str, Person]
    victim: Person
    sailors: int
    listings: Listings
    reports: Reports
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    is_usual: bool = False
    fresh: dict[str, Props] = field(default_factory=dict[str, Props])

    @property
    def harbour(self) -> Guild:
        """The server in which all is asked."""
        return self.theatre.guild

    # --- acting --------------------------------------------------------------------------------------

    async def act(self, act: Act, person: Person, props: Props) -> Answer:
        """Does it as that person, and waits for the first answer."""
        return await Answer.wait(person, await begin(act, person, props, self.people), 5)

    async def snapshot(self) -> tuple[Any, ...]:
        """All that a refusal must leave as it was, the requests to the model included."""
        async with self.workshop.database.transaction() as session:
            rows = sorted(tuple(row) for row in await session.execute(SNAPSHOT))
        return (*rows, ("requests", len(self.theatre.model.requests), None))

    async def holds(self, query: str, person: Person, props: Props) -> bool:
        """Whether a condition on the database is true; `:id`, `:me` and the rest are what was prepared."""
        known = {"here": self.harbour.id, "me": person.id, "victim": self.victim.id, "sailors": str(self.sailors)}
        known |= {"tavern": str(self.theatre.tavern.id), "id": UUID(props["id"]) if "id" in props else None}
        known |= {"name": props.get("name"), "book": UUID(props["book"]) if "book" in props else None}
        bound = {name: value for name, value in known.items() if f":{name}" in query}
        async with self.workshop.database.transaction() as session:
            return bool((await session.execute(sa.text(f"SELECT {query}"), bound)).scalar_one())

    async def comes_true(self, query: str, person: Person, props: Props, *, tries: int = 200) -> bool:
        """The same, a moment later where the answer comes first: a job is begun once somebody was told of it."""
        for _ in range(tries):
            if await self.holds(query, person, props):
                return True
            await asyncio.sleep(0.01)
        return False

    # --- what is acted upon --------------------------------------------------------------------------

    async def prepare(self, kind: str) -> Props:
        """Things of a kind, the same until they are `spoilt`, and a server whose settings are the usual ones."""
        policy, _, what = kind.rpartition(" ")
        if policy or not self.is_usual:
            known = {"victim": self.victim.id, "here": self.harbour.id, "policy": policy or "open"}
            async with self.workshop.database.transaction() as session:
                await session.execute(USUAL, known)
            self.is_usual = not policy
        if what not in self.fresh or what in ("banned", "outcast"):
            self.fresh[what] = await self._make(what)
        ours = {"tavern": self.theatre.tavern.id, "sailors": self.sailors, "victim": self.victim.id}
        ours["mallory"] = self.people["banned"].id
        props = {name: str(value) for name, value in ours.items()} | {"guess": uuid4().hex, "view": "x" * 12}
        return props | self.fresh[what]

    def spoilt(self, kind: str) -> None:
        """What was prepared has been acted upon: the next to ask for that kind get another."""
        self.is_usual = False
        self.fresh.pop(kind.rpartition(" ")[2], None)

    async def settle(self, made: Props) -> None:
        """Brings characters of the author's into the states that nobody else should see, by the names of these."""
        author, operator = self.people["author"], Caller(1, "op", "op", is_operator=True)
        catalogue = self.workshop.characters
        for state, guild in (("Here", self.harbour), ("There", self.island)):
            here = Caller(author.id, author.name, author.display_name, guild_id=guild.id)
            await catalogue.publish(here, made[state], here_only=True)
        await catalogue.publish(caller(author), made["Adult"])
        await self.reports.take_down(operator, made["Gone"], "Bad.")
        await self.listings.block(self._admin(), made["Blocked"], on=True)

    async def rated(self, *, guild_id: int) -> Props:
        """A character that a server approved as one for adults, and that is milder since."""
        author, workshop = self.people["author"], self.workshop
        made = await self._character(author, f"Nova {next(self.numbers)}", published=True, age_rating="adult")
        async with workshop.database.transaction() as session:
            await storage.guilds.save_settings(session, guild_id, storage.guilds.GuildSettings(policy="review"))
        eve = self.people["foreign"]
        admin = Caller(eve.id, eve.name, eve.display_name, guild_id=guild_id, may_manage=True)
        await self.listings.approve(admin, (await self.listings.propose(admin, made["id"])).id)
        await workshop.characters.edit(caller(author), made["id"], Change(age_rating="teen"))
        return made

    async def _make(self, what: str) -> Props:
        name = f"Nova {next(self.numbers)}"
        people = self.people
        match what:
            case "draft" | "published" | "kept" | "reserved":
                frame = {"kept": {"definition_visibility": "author"}, "reserved": {"licence": "All rights reserved"}}
                return await self._character(people["author"], name, what != "draft", **frame.get(what, {}))
            case "admins":
                return await self._character(people["admin"], name, published=False)
            case "given":
                made = await self._character(people["admin"], name, published=True)
                await self.listings.take_over(self._admin(), made["id"])
                return made
            case "resting":
                made = await self._make("given")
                await self.workshop.characters.unpublish(self._admin(), made["id"])
                return made
            case "blocked":
                made = await self._character(people["author"], name, published=True)
                await self.listings.block(self._admin(), made["id"], on=True)
                return made
            case "withdrawn":
                made = await self._make("blocked")
                await self.workshop.characters.unpublish(caller(people["author"]), made["id"])
                return made
            case "orphaned":
                made = await self._character(people["admin"], name, published=True)
                made["report"] = await self._report(made)
                await self.listings.take_over(self._admin(), made["id"])
                return made
            case "taken":
                made = await self._character(people["author"], name, published=True)
                await self.reports.take_down(Caller(1, "op", "op", is_operator=True), made["id"], "Bad.")
                return made
            case "waiting":
                made = await self._character(people["author"], name, published=True)
                return made | {"review": await self._review(made)}
            case "reported" | "victims":
                owner = self.victim if what == "victims" else people["author"]
                made = await self._character(owner, name, published=True)
                return made | {"report": await self._report(made)}
            case "banned" | "outcast":
                self.is_usual = False
                await self._ban(self.victim, self.harbour.id if what == "banned" else None)
            case "keyed":
                admin = self.people["admin"]
                async with self.workshop.database.transaction() as session:
                    await storage.users.touch_user(session, admin.id, admin.name)
                    await storage.guilds.touch_guild(session, self.harbour.id)
                    secret = SecretStr("sk-an-old-key")
                    await storage.server_keys.save_key(session, self.harbour.id, secret, set_by=admin.id)
            case "reusing":
                self.is_usual = False
                async with self.workshop.database.transaction() as session:
                    for person in self.people.values():
                        await storage.users.touch_user(session, person.id, person.name)
                        await storage.wishes.save_of_person(session, person.id, Wishes(streaming=False))
            case "notices":
                async with self.workshop.database.transaction() as session:
                    await session.execute(sa.text("DELETE FROM notices"))
                    await Notices(self.workshop.database, Silent()).leave(
                        session, [person.id for person in people.values()], "News."
                    )
            case "preview" | "lore":
                return await self._preview(name, lore=what == "lore")
            case "proposal":
                return await self._proposal(name)
            case "lored":
                book = Lorebook(entries=(LoreEntry(keys=("whale",), content="The whale is white."),))
                made = await self._character(people["author"], name, published=True, character_book=book)
                async with self.workshop.database.transaction() as session:
                    made["book"] = (await add_book(session, caller(people["author"]), replace(book, name=name))).hex
                (key,) = (
                    await Lorebooks(self.workshop.database).open(caller(people["author"]), UUID(made["book"]))
                ).keys
                return made | {"key": key}
            case "persona" | "nobody":
                persona = Persona(new_id(), name, f"A secret of {name}'s.")
                async with self.workshop.database.transaction() as session:
                    await session.execute(sa.text("DELETE FROM personas"))
                    if what == "nobody":
                        return {"name": name}
                    await storage.personas.add_persona(session, owner_id=people["author"].id, persona=persona)
                return {"id": str(persona.id), "hex": persona.id.hex, "name": name}
            case _:
                assert what == "nothing", what
        return {"name": name}

    async def _character(self, person: Person, name: str, published: bool, **frame: Any) -> Props:
        make = self.workshop.published if published else self.workshop.draft
        made = await make(person, name, description=OLD, **frame)
        return {"id": str(made.id), "hex": made.id.hex, "name": name}

    async def _review(self, made: Props) -> str:
        async with self.workshop.database.transaction() as session:
            version = sa.text("SELECT id FROM character_versions WHERE character_id = :id")
            version_id = (await session.execute(version, {"id": UUID(made["id"])})).scalar_one()
            asked: Any = {"guild_id": self.harbour.id, "character_id": UUID(made["id"])}
            await storage.listings.enqueue(session, **asked, version_id=version_id, asked_by=1)
            review = await storage.listings.find_pending(session, **asked)
        assert review is not None
        return review.id.hex

    async def _report(self, made: Props) -> str:
        number = 1_000 + next(self.numbers)
        await self.reports.report(Caller(number, "who", "Who", guild_id=self.harbour.id), made["id"], "Loud.")
        async with self.workshop.database.transaction() as session:
            found = sa.text("SELECT id FROM reports WHERE character_id = :id")
            return (await session.execute(found, {"id": UUID(made["id"])})).scalar_one().hex

    async def _ban(self, person: Person, guild_id: int | None) -> None:
        async with self.workshop.database.transaction() as session:
            await storage.users.touch_user(session, person.id, person.name)
            await storage.bans.add_ban(session, user_id=person.id, guild_id=guild_id, reason="Rude.", decided_by=1)

    async def _preview(self, name: str, *, lore: bool) -> Props:
        book = {"spec": "lorebook_v3", "data": {"name": name, "entries": [], "extensions": {}}}
        card = {"name": name, "first_mes": "Hello."}
        options = {"file": ("x.json", orjson.dumps(book if lore else card))}
        answer = await self.act(Slash("character import", options), self.people["author"], {})
        return {"name": name, "view": key_of(answer, "import.")}

    async def _proposal(self, name: str) -> Props:
        made = await self._character(self.people["author"], name, published=True)
        self.theatre.model.says(NEW, pause=0)
        press = Press("enhance.text:description:0:{hex}")
        answer = await self.act(Submit("author", press, {}), self.people["author"], made)
        await words_of(answer, "in whispers")
        return made | {"view": key_of(answer, "enhance.accept")}

    def _admin(self) -> Caller:
        admin = self.people["admin"]
        return Caller(admin.id, admin.name, admin.display_name, guild_id=self.harbour.id, may_manage=True)


@asynccontextmanager
async def open_stage(postgres_url: str, template: str, redis_url: str, folder: Path) -> AsyncIterator[Stage]:
    """Opens a theatre with everybody in it, on a database of its own."""
    name = f"dramatis_test_{uuid4().hex}"
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY WAL_LOG')
    head, _, query = postgres_url.partition("?")
    url = f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    options: dict[str, Any] = {"adult_characters": True, "fallback_models": "bigger"}
    try:
        async with (
            open_theatre(
                url, redis_url, f"test-{uuid4().hex[:12]}", MasterKey.new_text(), folder, **options
            ) as theatre,
            open_workshop(theatre) as workshop,
        ):
            yield await _people(theatre, workshop)
        assert theatre.playground.violations == []
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def _people(theatre: Theatre, workshop: Workshop) -> Stage:
    play, harbour = theatre.playground, theatre.guild
    island = play.add_guild("Island")
    island.add_text_channel("beach")
    names = {"admin": "carol", "foreign": "eve", "operator": "olga", "banned": "mallory", "outcast": "oscar"}
    people = {role: play.add_person(name, guilds=[harbour, island]) for role, name in names.items()}
    people |= {"author": theatre.alice, "player": theatre.bob}
    for person in people.values():
        person.here = theatre.tavern
    # Whoever is banned manages the server too, so that nothing but the ban can be what stops them.
    for role in ("admin", "banned"):
        harbour.give_role(people[role], play.admin_role(harbour))
    island.give_role(people["foreign"], play.admin_role(island))
    await theatre.stop()
    changes = {"operator_ids": [people["operator"].id], "operator_guild": harbour.id}
    theatre.settings = theatre.settings.model_copy(update=changes)
    await theatre.start()
    for command in play.world.commands:
        # Admins of a server may give any command to everybody, so what Discord hides is no protection.
        command["default_member_permissions"] = None
    database = workshop.database
    notices = Notices(database, Silent())
    stage = Stage(
        theatre, workshop, island, people, play.add_person("victor", guilds=[harbour]),
        harbour.add_role("Sailors").id, Listings(database, notices, models=()), Reports(database, notices),
    )  # fmt: skip
    async with database.transaction() as session:
        await storage.guilds.touch_guild(session, harbour.id)
        for role, person in (*people.items(), ("victim", stage.victim)):
            await storage.users.touch_user(session, person.id, person.name)
            if role in ("banned", "outcast"):
                guild_id = harbour.id if role == "banned" else None
                await storage.bans.add_ban(session, user_id=person.id, guild_id=guild_id, reason="Rude.", decided_by=1)
    return stage
