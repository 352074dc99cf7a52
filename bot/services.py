"""Every service of the program, built once and closed in reverse."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.account.courier import Courier, Nobody, Tickets
from bot.account.deletion import JOB as DELETE_PERSON
from bot.account.deletion import Deletion
from bot.account.exports import JOB as EXPORT_PERSON
from bot.account.exports import AccountExports
from bot.account.preferences import Preferences
from bot.bans import Bans
from bot.characters.avatars import Avatars
from bot.characters.booking import Booked
from bot.characters.card_lore import CardLore
from bot.characters.catalogue import Characters
from bot.characters.enhancing import Enhancer
from bot.characters.exports import Exports
from bot.characters.imports import Imports
from bot.characters.listings import Listings
from bot.characters.lorebooks import Lorebooks
from bot.characters.moderation import Moderation
from bot.characters.notices import Messenger, Notices
from bot.characters.previews import Previews
from bot.characters.reports import Reports
from bot.characters.sketching import JOB as SKETCH
from bot.characters.sketching import Sketches
from bot.chat.author_notes import AuthorNotes
from bot.chat.branching import Branches
from bot.chat.caretaker import Caretaker
from bot.chat.casting import Casting
from bot.chat.chat_lore import ChatLore
from bot.chat.chats import Chats
from bot.chat.choices import ModelChoice
from bot.chat.drafts import Drafts
from bot.chat.endings import Endings
from bot.chat.generation import Writers
from bot.chat.inspecting import Inspections
from bot.chat.looks import Looks
from bot.chat.memory import Memories
from bot.chat.openings import Openings
from bot.chat.posting import Poster
from bot.chat.recall import Recall
from bot.chat.records import Records
from bot.chat.recovery import Recovery
from bot.chat.relay import Relay
from bot.chat.scenes import Scenes
from bot.chat.stage import Stage
from bot.chat.summaries import JOB as MEMORY
from bot.chat.summaries import Summaries
from bot.chat.swipes import Swipes
from bot.chat.switching import Switching
from bot.chat.titles import JOB as TITLE
from bot.chat.titles import Titles
from bot.chat.tuning import Tuning
from bot.chat.turns import Turns
from bot.errors import SettingsError
from bot.jobs import Jobs
from bot.llm import Llm, StandIns
from bot.personas import Personas
from bot.retention import DAILY, DELETE_SERVER, Retention
from bot.server_keys import ServerKeys
from bot.settings import Settings
from bot.status import Status
from bot.telemetry import Metrics
from bot.usage import Price, Usage
from storage.cache import Cache
from storage.database import Database
from storage.files import FileStore
from storage.locks import Locks, StopSignals
from storage.rates import Rates
from storage.streams import Streams
from storage.vault import MasterKey, Vault
from storage.views import Views


@dataclass(frozen=True, slots=True)
class Services:
    """What the cogs may ask for."""

    database: Database
    cache: Cache
    avatars: Avatars
    characters: Characters
    imports: Imports
    exports: Exports
    lorebooks: Lorebooks
    card_lore: CardLore
    enhancer: Enhancer
    listings: Listings
    reports: Reports
    notices: Notices
    bans: Bans
    usage: Usage
    chats: Chats
    openings: Openings
    casting: Casting
    personas: Personas
    switching: Switching
    looks: Looks
    swipes: Swipes
    branches: Branches
    drafts: Drafts
    records: Records
    inspections: Inspections
    author_notes: AuthorNotes
    chat_lore: ChatLore
    tuning: Tuning
    memories: Memories
    scenes: Scenes
    views: Views
    caretaker: Caretaker
    jobs: Jobs
    retention: Retention
    preferences: Preferences
    account_exports: AccountExports
    deletion: Deletion
    server_keys: ServerKeys
    status: Status
    metrics: Metrics
    model: ModelChoice
    operator_ids: frozenset[int]
    operator_guild: int | None
    public_files_url: str | None
    files_channel: int | None
    privacy_url: str | None
    terms_url: str | None


@asynccontextmanager
async def open_services(
    settings: Settings, *, stage: Stage, messenger: Messenger, courier: Courier | None = None
) -> AsyncGenerator[Services]:
    """Opens the pools and everything on them; SettingsError says what is missing.

    Without a `courier` what jobs make for people reaches nobody.
    `database_url`, `redis_url`, `master_keys` and `chat_model` must be there: bot.__main__ fills in those
    of the embedded engines.
    """
    model = model_choice(settings)
    async with AsyncExitStack() as stack:
        database, cache = await open_stores(settings, stack)
        usage = open_usage(settings, database, cache)
        model_server = Llm(
            api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none",
            base_url=settings.openai_base_url,
            chunk_timeout=settings.model_silence,
        )
        stack.push_async_callback(model_server.close)
        metrics = Metrics(serving=settings.metrics_port is not None)
        database.watch_locks(metrics.waited_for_lock)
        avatars = Avatars(database, FileStore(settings.data_dir / "files"))
        moderation = Moderation(model_server, settings.moderation_model) if settings.moderation_model else None
        characters = Characters(database, avatars, moderation, adults=settings.adult_characters)
        scenes = Scenes(stage, adults=settings.adult_characters, model=model)
        notices, operator_ids = Notices(database, messenger), frozenset(settings.operator_ids)
        server_keys = ServerKeys(database, model_server, notices, model=model.name, allowed=settings.server_keys)
        streams, locks, stops = Streams(cache), Locks(cache), StopSignals(cache)
        recall = Recall(database, model_server, settings.embedding_model)
        models = StandIns(
            model_server, model.names, patience=settings.model_patience, on_refused=server_keys.hear_refusal
        )
        writers = Writers(
            database=database,
            streams=streams,
            locks=locks,
            stops=stops,
            stage=stage,
            scenes=scenes,
            usage=usage,
            relay=Relay(models, metrics),
            recall=recall,
            endings=Endings(database, usage, metrics),
            close_seconds=settings.close_seconds,
        )
        recovery = Recovery(database=database, streams=streams, stage=stage, scenes=scenes, writers=writers)
        caretaker = Caretaker(
            database=database,
            streams=streams,
            locks=locks,
            stops=stops,
            writers=writers,
            recovery=recovery,
            metrics=metrics,
        )
        stack.push_async_callback(caretaker.close)
        stack.push_async_callback(writers.close)
        poster, turns = Poster(stage, writers.posts), Turns()
        titles = Titles(
            database=database,
            models=models,
            model=model,
            stage=stage,
            usage=usage,
            wanted=settings.chat_titles,
        )
        retention = Retention(database, notices)
        jobs = open_jobs(settings, database, metrics, titles, retention)
        booked = Booked(database, usage, models)
        sketches = Sketches(database, booked, model=model.name, context_tokens=model.context_tokens)
        jobs.handle(SKETCH, sketches.make)
        summaries = Summaries(database, booked, model, recall)
        jobs.handle(MEMORY, summaries.keep, within=timedelta(minutes=15))
        stack.push_async_callback(retention.close)
        stack.push_async_callback(jobs.close)
        views = Views(cache)
        previews = Previews(database, views)
        exports = Exports(database, characters, avatars)
        tickets, reaches = Tickets(database, views), courier or Nobody()
        account_exports = AccountExports(
            database=database,
            tickets=tickets,
            courier=reaches,
            characters=characters,
            exports=exports,
            avatars=avatars,
        )
        deletion = Deletion(
            database=database, tickets=tickets, courier=reaches, writers=writers, usage=usage, avatars=avatars
        )
        jobs.handle(EXPORT_PERSON, account_exports.run, within=timedelta(hours=2))
        jobs.handle(DELETE_PERSON, deletion.run, within=timedelta(hours=12))
        imports = Imports(database, previews, characters, avatars)
        yield Services(
            database=database,
            cache=cache,
            avatars=avatars,
            characters=characters,
            imports=imports,
            lorebooks=Lorebooks(database),
            card_lore=CardLore(characters),
            exports=exports,
            enhancer=Enhancer(
                database=database,
                usage=usage,
                previews=previews,
                locks=locks,
                characters=characters,
                model_server=model_server,
                model=model.name,
                context_tokens=model.context_tokens,
                temperature=model.temperature,
            ),
            listings=Listings(database, notices, models=(model.name, *model.others)),
            reports=Reports(database, notices),
            notices=notices,
            bans=Bans(database, operator_ids=operator_ids),
            usage=usage,
            scenes=scenes,
            operator_ids=operator_ids,
            operator_guild=settings.operator_guild,
            chats=Chats(
                database=database,
                writers=writers,
                stage=stage,
                scenes=scenes,
                usage=usage,
                poster=poster,
                turns=turns,
            ),
            casting=Casting(database=database, scenes=scenes, turns=turns, poster=poster, usage=usage, model=model),
            openings=Openings(database=database, stage=stage, poster=poster, model=model),
            personas=Personas(database, avatars),
            looks=Looks(database, stage),
            switching=Switching(database, model, looks=settings.message_content_intent),
            swipes=Swipes(
                database=database,
                writers=writers,
                locks=locks,
                scenes=scenes,
                usage=usage,
                poster=poster,
                turns=turns,
            ),
            branches=Branches(
                database=database,
                writers=writers,
                scenes=scenes,
                usage=usage,
                poster=poster,
                turns=turns,
            ),
            drafts=Drafts(
                database=database,
                previews=previews,
                scenes=scenes,
                usage=usage,
                models=models,
            ),
            records=Records(database),
            inspections=Inspections(database),
            author_notes=AuthorNotes(database),
            chat_lore=ChatLore(database, imports),
            tuning=Tuning(database, model),
            memories=Memories(database),
            views=views,
            caretaker=caretaker,
            jobs=jobs,
            retention=retention,
            preferences=Preferences(database),
            account_exports=account_exports,
            deletion=deletion,
            server_keys=server_keys,
            status=Status(database, cache, model=model.name),
            metrics=metrics,
            model=model,
            public_files_url=settings.public_files_url,
            files_channel=settings.files_channel,
            privacy_url=settings.privacy_url,
            terms_url=settings.terms_url,
        )


async def open_stores(settings: Settings, stack: AsyncExitStack) -> tuple[Database, Cache]:
    """The database and the cache of the settings, closed with the stack; SettingsError when one is not named."""
    if settings.database_url is None or settings.redis_url is None:
        raise SettingsError("DATABASE_URL and REDIS_URL must name the servers, or the embedded ones must run.")
    if not settings.master_keys:
        raise SettingsError(
            "MASTER_KEYS is not set, so nothing could be sealed. `python -m bot keys new` makes one; "
            "keep it where backups of the database do not go."
        )
    vault = Vault([MasterKey.from_text(key.get_secret_value()) for key in settings.master_keys])
    database = Database.connect(settings.database_url.get_secret_value(), vault)
    stack.push_async_callback(database.close)
    cache = Cache.connect(settings.redis_url.get_secret_value(), settings.cache_prefix)
    stack.push_async_callback(cache.close)
    return database, cache


def open_jobs(settings: Settings, database: Database, metrics: Metrics, titles: Titles, retention: Retention) -> Jobs:
    """The queue's worker, which knows every job and takes none before it is opened."""
    jobs = Jobs(database, metrics, at_once=settings.jobs_at_once)
    jobs.handle(TITLE, titles.propose)
    jobs.handle(DAILY, retention.daily, every=timedelta(days=1), within=timedelta(hours=1))
    jobs.handle(DELETE_SERVER, retention.delete_server, within=timedelta(hours=1))
    return jobs


def open_usage(settings: Settings, database: Database, cache: Cache) -> Usage:
    """The limits and prices of the settings."""
    limits = {
        "person": settings.limit_person,
        "chat": settings.limit_chat,
        "server": settings.limit_server,
        "program": settings.limit_program,
    }
    prices = {model: Price(*dollars) for model, dollars in settings.model_prices.items()}
    return Usage(database, Rates(cache, limits), prices=prices)


def model_choice(settings: Settings) -> ModelChoice:
    """Which model speaks; SettingsError when none is named."""
    if settings.chat_model is None:
        raise SettingsError(
            "CHAT_MODEL is not set: name the model that speaks, for example gpt-4o-mini, and where it is found "
            "(OPENAI_BASE_URL, OPENAI_API_KEY). `python -m bot demo` brings a small one along."
        )
    return ModelChoice(
        name=settings.chat_model,
        context_tokens=settings.context_tokens,
        reply_tokens=settings.reply_tokens,
        history_limit=settings.history_limit,
        temperature=settings.temperature,
        others=tuple(each for each in settings.fallback_models if each != settings.chat_model),
        server_keys=settings.server_keys,
    )
